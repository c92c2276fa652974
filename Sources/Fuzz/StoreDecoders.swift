import Store
import Wire

/// What comes back from a disk.
let storeDecoders: [Decoder] = [.canonical("store.snapshot", [Snapshot(height: 7, content: [1, 2, 3])])]
