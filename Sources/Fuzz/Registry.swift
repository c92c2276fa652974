/// Every decoder of bytes that come from a peer or from a disk. One file per module; a new decoder goes there.
let decoders: [Decoder] = wireDecoders + keysDecoders + learningDecoders
