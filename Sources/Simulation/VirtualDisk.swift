package import Keys
package import Store
internal import Synchronization

/// A disk in memory that forgets, on a crash, what was not made durable; and that tears, garbles and fails on demand.
///
/// It models what POSIX promises and no more: appended bytes live in a cache until ``sync(_:)`` of the file; names made,
/// moved or removed live there until ``syncDirectory(_:)`` of their directory. A crash keeps a random part of each. After a sync that
/// failed the cache says that the bytes are written, and a later sync succeeds without them.
package final class VirtualDisk: Disk {
    package struct Faults: Hashable, Sendable {
        /// That all bytes of a file which were never synced are gone, rather than there up to a random place.
        package var loss: Chance
        /// That the last byte of the part which stays is damaged.
        package var garbling: Chance

        package init(loss: Chance = .percent(50), garbling: Chance = .percent(25)) {
            self.loss = loss
            self.garbling = garbling
        }
    }

    private let faults: Faults
    private let content = Mutex(Content())

    package init(faults: Faults = Faults()) { self.faults = faults }

    /// Changes so far (writes, syncs, names), to choose a moment for ``failPower(afterWrites:)``.
    package var writes: Int { content.withLock { $0.writes } }

    /// Lets `count` more changes succeed; the next one stops half way, and every call fails from then on until
    /// ``crash(using:)``.
    package func failPower(afterWrites count: Int) { content.withLock { $0.writesLeft = count } }

    /// From now on some changes fail as on a full disk: half of what was to be written is there, or nothing.
    package func refuseWrites(_ chance: Chance, seed: UInt64) {
        content.withLock { $0.refusals = (chance, SeededGenerator(seed: seed)) }
    }

    /// There is room again.
    package func takeWrites() { content.withLock { $0.refusals = nil } }

    /// The power went and came back: what was not durable is partly or wholly gone.
    package func crash(using dice: inout SeededGenerator) {
        var generator = dice
        content.withLock { $0.lose(faults, using: &generator) }
        dice = generator
    }

    /// Damages one bit, as a dying disk does.
    /// - Returns: false when there is no such byte.
    package func flipBit(_ bit: Int, ofByte offset: Int, in path: String) -> Bool {
        content.withLock { content in
            guard let number = content.names[path], var file = content.files[number],
                file.current.indices.contains(offset)
            else { return false }
            file.current[offset] ^= 1 << UInt8(bit & 7)
            if file.durable.indices.contains(offset) { file.durable[offset] ^= 1 << UInt8(bit & 7) }
            content.files[number] = file
            return true
        }
    }

    /// The path of every file, in ascending order.
    package var paths: [String] { content.withLock { $0.names.keys.sorted() } }

    // MARK: Disk

    package func createDirectory(_ path: String) throws(DiskError) {
        try change("mkdir", path) { content, isWhole throws(DiskError) in
            guard isWhole else { return }
            var prefix = ""
            for part in path.split(separator: "/") {
                prefix += prefix.isEmpty ? String(part) : "/" + part
                content.directories.insert(prefix)
            }
        }
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        try look("opendir", directory) { content in
            let prefix = directory.isEmpty ? "" : directory + "/"
            var names: Set<String> = []
            for path in Array(content.names.keys) + Array(content.directories) where path.hasPrefix(prefix) {
                if let name = path.dropFirst(prefix.count).split(separator: "/").first { names.insert(String(name)) }
            }
            return names.sorted()
        }
    }

    package func size(of path: String) throws(DiskError) -> UInt64? {
        try look("stat", path) { content in content.file(path).map { UInt64($0.current.count) } }
    }

    package func read(_ path: String, at offset: UInt64, count: Int) throws(DiskError) -> [UInt8] {
        let bytes: [UInt8]? = try look("pread", path) { content in
            guard let file = content.file(path) else { return nil }
            guard offset < UInt64(file.current.count) else { return [] }
            let start = Int(offset)
            return Array(file.current[start..<start + min(max(0, count), file.current.count - start)])
        }
        guard let bytes else { throw .missing(path: path) }
        return bytes
    }

    package func append(_ bytes: [UInt8], to path: String) throws(DiskError) {
        try change("write", path) { content, isWhole throws(DiskError) in
            let number = content.names[path] ?? content.link(path)
            content.files[number, default: File()].current += isWhole ? bytes : Array(bytes.prefix(bytes.count / 2))
        }
    }

    package func sync(_ path: String) throws(DiskError) {
        try change("fdatasync", path) { content, isWhole throws(DiskError) in
            guard let number = content.names[path] else { throw .missing(path: path) }
            if isWhole { content.files[number]?.write() } else { content.files[number]?.drop() }
        }
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        try change("fsync", path) { content, isWhole throws(DiskError) in
            if isWhole { content.syncDirectory(path) }
        }
    }

    package func truncate(_ path: String, to size: UInt64) throws(DiskError) {
        try change("truncate", path) { content, isWhole throws(DiskError) in
            guard let number = content.names[path], var file = content.files[number] else {
                throw .missing(path: path)
            }
            guard isWhole else { return }
            if size < UInt64(file.current.count) {
                file.cut(to: Int(size))
            } else {
                file.current += [UInt8](repeating: 0, count: Int(size) - file.current.count)
            }
            content.files[number] = file
        }
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        try change("rename", path) { content, isWhole throws(DiskError) in
            guard content.names[path] != nil else { throw .missing(path: path) }
            if isWhole { content.move(.rename(path, to: newPath), in: newPath) }
        }
    }

    package func remove(_ path: String) throws(DiskError) {
        try change("unlink", path) { content, isWhole throws(DiskError) in
            if isWhole, content.names[path] != nil { content.move(.unlink(path), in: path) }
        }
    }

    // MARK: Power

    /// Linux's EIO: what a program gets from a disk that is gone.
    private static let inputOutputError: Int32 = 5
    /// Linux's ENOSPC.
    private static let noSpaceError: Int32 = 28

    private func look<Value: Sendable>(
        _ call: String, _ path: String, _ body: (Content) -> Value
    ) throws(DiskError) -> Value {
        let value: Value? = content.withLock { $0.hasPower ? body($0) : nil }
        guard let value else { throw .failed(call: call, path: path, code: VirtualDisk.inputOutputError) }
        return value
    }

    /// Runs a change; when the power fails during it, `body` is told to do only a part.
    private func change(
        _ call: String, _ path: String, _ body: (inout Content, _ isWhole: Bool) throws(DiskError) -> Void
    ) throws(DiskError) {
        let dead = DiskError.failed(call: call, path: path, code: VirtualDisk.inputOutputError)
        let failure: DiskError? = content.withLock { content in
            guard content.hasPower else { return dead }
            let isWhole = content.writesLeft != 0
            content.writesLeft = content.writesLeft.map { $0 - 1 }
            content.writes += 1
            if isWhole, content.isRefused() {
                do throws(DiskError) { try body(&content, false) } catch { return error }
                return .failed(call: call, path: path, code: VirtualDisk.noSpaceError)
            }
            do throws(DiskError) { try body(&content, isWhole) } catch { return error }
            guard isWhole else {
                content.hasPower = false
                return dead
            }
            return nil
        }
        if let failure { throw failure }
    }
}
