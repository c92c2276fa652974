/// A domain name as its labels, compared without regard to ASCII case (RFC 1035, RFC 4343).
package struct DNSName: Hashable, Sendable, CustomStringConvertible {
    /// RFC 1035, section 2.3.4, in bytes.
    static let labelLimit = 63
    static let byteLimit = 255

    /// In lower case.
    package let labels: [[UInt8]]

    package init?(labels: [[UInt8]]) {
        guard labels.allSatisfy({ !$0.isEmpty && $0.count <= Self.labelLimit }),
            labels.reduce(1, { $0 + $1.count + 1 }) <= Self.byteLimit
        else { return nil }
        self.labels = labels.map { $0.map { (65...90).contains($0) ? $0 + 32 : $0 } }
    }

    /// Reads a name written with dots, such as `_p2p._udp.local`.
    package init?(_ text: String) {
        self.init(labels: text.split(separator: ".", omittingEmptySubsequences: false).map { Array($0.utf8) })
    }

    /// This name with one label in front; nil when it becomes too long.
    package func prefixed(_ label: String) -> DNSName? { DNSName(labels: [Array(label.utf8)] + labels) }

    /// Whether this name is one label longer than `parent` and ends with it.
    package func isChild(of parent: DNSName) -> Bool {
        labels.count == parent.labels.count + 1 && Array(labels.dropFirst()) == parent.labels
    }

    package var description: String { labels.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".") }
}
