internal import Keys
internal import Store

extension VirtualDisk {
    struct File {
        /// What a crash leaves for sure.
        var durable: [UInt8] = []
        var current: [UInt8] = []
        /// What the cache takes for written, up to here, and is not, since a sync has failed.
        private var dropped = 0

        init(durable: [UInt8] = [], current: [UInt8] = []) {
            self.durable = durable
            self.current = current
        }

        mutating func cut(to size: Int) {
            current.removeLast(current.count - size)
            dropped = min(dropped, size)
        }

        /// A sync that succeeds. Where bytes were dropped there is nothing.
        mutating func write() {
            var written = current
            for index in durable.count..<max(durable.count, dropped) { written[index] = 0 }
            durable = written
        }

        mutating func drop() { dropped = current.count }
    }

    enum Move {
        case link(String, Int)
        case unlink(String)
        case rename(String, to: String)

        func apply(to names: inout [String: Int]) {
            switch self {
            case .link(let path, let number): names[path] = number
            case .unlink(let path): names[path] = nil
            case .rename(let path, let newPath):
                if let number = names.removeValue(forKey: path) { names[newPath] = number }
            }
        }
    }

    struct Content {
        var files: [Int: File] = [:]
        var nextFile = 0
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        /// Changes of names since the last sync, in order, by directory.
        var moves: [String: [Move]] = [:]
        var directories: Set<String> = [""]
        /// Changes left until the power fails; nil for never.
        var writesLeft: Int?
        var hasPower = true
        var writes = 0
        var refusals: (Chance, SeededGenerator)?

        mutating func isRefused() -> Bool {
            guard case (let chance, var dice)? = refusals else { return false }
            defer { refusals = (chance, dice) }
            return chance.happens(using: &dice)
        }

        func file(_ path: String) -> File? { names[path].flatMap { files[$0] } }

        mutating func link(_ path: String) -> Int {
            nextFile += 1
            move(.link(path, nextFile), in: path)
            return nextFile
        }

        mutating func move(_ move: Move, in path: String) {
            move.apply(to: &names)
            moves[Content.directory(of: path), default: []].append(move)
        }

        mutating func syncDirectory(_ path: String) {
            for move in moves.removeValue(forKey: path) ?? [] { move.apply(to: &durableNames) }
        }

        /// What is left after the power went: of each directory's changes a random number from the front (a journaling
        /// file system keeps their order), of each file what was synced and a random part of the rest.
        mutating func lose(_ faults: Faults, using dice: inout SeededGenerator) {
            for directory in moves.keys.sorted() {
                let pending = moves[directory] ?? []
                let kept = Int(dice.next(below: UInt64(pending.count + 1)))
                for move in pending.prefix(kept) { move.apply(to: &durableNames) }
            }
            moves = [:]
            names = durableNames
            let named = Set(names.values)
            for number in files.keys.sorted() {
                guard named.contains(number), let file = files[number] else {
                    files[number] = nil
                    continue
                }
                let left = Content.survivor(of: file, faults, using: &dice)
                files[number] = File(durable: left, current: left)
            }
            writesLeft = nil
            hasPower = true
            refusals = nil
        }

        private static func survivor(
            of file: File, _ faults: Faults, using dice: inout SeededGenerator
        ) -> [UInt8] {
            guard file.current != file.durable else { return file.durable }
            if faults.loss.happens(using: &dice) { return file.durable }
            let synced = file.durable.count
            guard file.current.count > synced, file.current.prefix(synced).elementsEqual(file.durable) else {
                // It was cut or rewritten: the old or the new.
                return dice.next(below: 2) == 0 ? file.durable : file.current
            }
            let extra = Int(dice.next(below: UInt64(file.current.count - synced + 1)))
            var left = Array(file.current.prefix(synced + extra))
            // The damage is at the end: a file's size grows only over what was written before.
            if extra > 0, faults.garbling.happens(using: &dice) {
                left[left.count - 1] ^= UInt8(1 + dice.next(below: 255))
            }
            return left
        }

        private static func directory(of path: String) -> String {
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        }
    }
}
