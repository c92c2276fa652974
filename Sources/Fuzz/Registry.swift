/// Every decoder of bytes that come from a peer or from a disk. One file per module or two; a new decoder goes there.
let decoders: [Decoder] =
    wireDecoders + keysDecoders + transportDecoders + swarmDecoders + consensusDecoders + ledgerDecoders + chainDecoders
    + modelsDecoders + modelFileDecoders + learningDecoders + inferenceDecoders
    + providerDecoders + archiveDecoders + storeDecoders
