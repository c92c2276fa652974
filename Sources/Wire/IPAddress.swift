/// Text of IPv4 and IPv6 addresses (RFC 5952 for the latter).
package enum IPAddress {
    /// - Parameter bytes: four or sixteen bytes.
    package static func text(_ bytes: [UInt8]) -> String {
        bytes.count == 4 ? bytes.map { String($0) }.joined(separator: ".") : text6(bytes)
    }

    /// Reads dotted decimal without leading zeros.
    package static func parse4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let value = Decimal.parse(part, as: UInt8.self) else { return nil }
            bytes.append(value)
        }
        return bytes
    }

    /// Reads the forms of RFC 4291 section 2.2, with `::` and with a dotted tail, without a zone.
    package static func parse6(_ text: some StringProtocol) -> [UInt8]? {
        let characters = String(text)
        guard characters.utf8.count <= 45 else { return nil }
        if let gap = doubleColon(in: characters) {
            let after = characters.utf8.index(gap, offsetBy: 2)
            guard doubleColon(in: String(characters[after...])) == nil, !characters[after...].hasPrefix(":"),
                let head = groups(String(characters[..<gap]), dotted: false),
                let tail = groups(String(characters[after...]), dotted: true), head.count + tail.count <= 14
            else { return nil }
            return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
        }
        guard let bytes = groups(characters, dotted: true), bytes.count == 16 else { return nil }
        return bytes
    }

    private static func doubleColon(in text: String) -> String.Index? {
        let view = text.utf8
        var previous: String.Index?
        for index in view.indices {
            if view[index] == UInt8(ascii: ":") {
                if let previous { return previous }
                previous = index
            } else {
                previous = nil
            }
        }
        return nil
    }

    private static func groups(_ text: String, dotted: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if dotted, index == parts.count - 1, part.contains(".") {
                guard let tail = parse4(part) else { return nil }
                bytes += tail
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != 43 && $0 != 45 }),
                let value = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
        return bytes
    }

    private static func text6(_ bytes: [UInt8]) -> String {
        let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = end + 1
        }
        func hex(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty ? hex(0..<8) : hex(0..<best.lowerBound) + "::" + hex(best.upperBound..<8)
    }
}

/// Decimal numbers in their only form: digits, no sign, no leading zero.
enum Decimal {
    static func parse<Value: FixedWidthInteger>(_ text: some StringProtocol, as type: Value.Type) -> Value? {
        let digits = text.utf8
        guard let first = digits.first, digits.allSatisfy({ (48...57).contains($0) }),
            first != 48 || digits.count == 1
        else { return nil }
        return Value(text)
    }
}
