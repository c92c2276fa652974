/// A string that knows of each character whether it was given to the template or written by it.
///
/// A model's special tokens count where the template spells them, and must not count where a message does: whoever writes a
/// message could otherwise end it and begin another in somebody else's name. So the mark stays with each character through
/// everything that a template does with it.
///
/// Characters are Unicode scalars, as they are in Python, where templates come from.
package struct Text: Sendable {
    /// A scalar, with the highest bit set when it was given.
    struct Symbol: Sendable {
        private static let given: UInt32 = 1 << 31
        private let bits: UInt32

        init(_ scalar: Unicode.Scalar, isGiven: Bool) { bits = scalar.value | (isGiven ? Self.given : 0) }

        var isGiven: Bool { bits & Self.given != 0 }
        /// The scalar it was made of, so there is one.
        var scalar: Unicode.Scalar { Unicode.Scalar(bits & ~Self.given)! }
        /// Equal characters, wherever they are from.
        static func == (one: Symbol, other: Symbol) -> Bool { (one.bits ^ other.bits) & ~given == 0 }
    }

    var symbols: [Symbol]

    init(symbols: some Sequence<Symbol>) { self.symbols = Array(symbols) }

    /// What the template says.
    package init(_ string: String) { self.init(string, isGiven: false) }

    /// What the template is given, e.g. the content of a message.
    package init(given string: String) { self.init(string, isGiven: true) }

    private init(_ string: String, isGiven: Bool) {
        symbols = string.unicodeScalars.map { Symbol($0, isGiven: isGiven) }
    }

    package var string: String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: symbols.lazy.map(\.scalar))
        return String(scalars)
    }

    /// The longest stretches of one origin, in order.
    package var runs: [(string: String, isGiven: Bool)] {
        var runs: [(String, Bool)] = []
        var start = 0
        while start < symbols.count {
            let isGiven = symbols[start].isGiven
            let end = symbols[start...].firstIndex { $0.isGiven != isGiven } ?? symbols.count
            runs.append((Text(symbols: symbols[start..<end]).string, isGiven))
            start = end
        }
        return runs
    }

    var count: Int { symbols.count }
    var isEmpty: Bool { symbols.isEmpty }
}

extension Text: Equatable {
    package static func == (one: Text, other: Text) -> Bool { one.symbols.elementsEqual(other.symbols, by: ==) }
}

extension Text: Comparable {
    package static func < (one: Text, other: Text) -> Bool {
        one.symbols.lexicographicallyPrecedes(other.symbols) { $0.scalar < $1.scalar }
    }
}

extension Text: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}

// MARK: What Python's strings can do

extension Text {
    func hasPrefix(_ other: Text) -> Bool { symbols.starts(with: other.symbols, by: ==) }

    func hasSuffix(_ other: Text) -> Bool { symbols.reversed().starts(with: other.symbols.reversed(), by: ==) }

    /// The place of the first `other`.
    func find(_ other: Text) -> Int? { other.isEmpty ? 0 : places(of: other, limit: 1).first }

    /// Where `other` begins, from left to right, without overlaps; in a time that grows with the text only (Knuth, Morris, Pratt 1977).
    func places(of other: Text, limit: Int) -> [Int] {
        // How much of `other` is also before its end at each place.
        var borders = [0]
        for symbol in other.symbols.dropFirst() {
            var border = borders[borders.count - 1]
            while border > 0, !(other.symbols[border] == symbol) { border = borders[border - 1] }
            borders.append(other.symbols[border] == symbol ? border + 1 : 0)
        }
        var (places, matched): ([Int], Int) = ([], 0)
        for (place, symbol) in symbols.enumerated() where places.count < limit {
            while matched > 0, !(other.symbols[matched] == symbol) { matched = borders[matched - 1] }
            if other.symbols[matched] == symbol { matched += 1 }
            if matched == other.count {
                places.append(place + 1 - matched)
                matched = 0
            }
        }
        return places
    }

    /// Without the characters of `set` at its ends; white space when there is none.
    func stripped(_ set: Text? = nil, left: Bool = true, right: Bool = true) -> Text {
        func goes(_ symbol: Symbol) -> Bool {
            guard let set else { return symbol.scalar.isSpace }
            return set.symbols.contains { $0 == symbol }
        }
        var rest = symbols[...]
        if left { rest = rest.drop(while: goes) }
        while right, let last = rest.last, goes(last) { rest.removeLast() }
        return Text(symbols: rest)
    }

    /// The parts between separators, which are not empty; at most `limit` separators count.
    func split(by separator: Text, limit: Int) -> [Text] {
        var (parts, start): ([Text], Int) = ([], 0)
        for place in places(of: separator, limit: limit) {
            parts.append(Text(symbols: symbols[start..<place]))
            start = place + separator.count
        }
        return parts + [Text(symbols: symbols[start...])]
    }

    /// The words between stretches of white space.
    func words(limit: Int) -> [Text] {
        var (words, rest): ([Text], ArraySlice<Symbol>) = ([], stripped(right: false).symbols[...])
        while !rest.isEmpty {
            guard words.count < limit else { return words + [Text(symbols: rest)] }
            let word = rest.prefix { !$0.scalar.isSpace }
            words.append(Text(symbols: word))
            rest = rest.dropFirst(word.count).drop { $0.scalar.isSpace }
        }
        return words
    }

    func replacing(_ old: Text, with new: Text, limit: Int) -> Text {
        guard !old.isEmpty else {
            let places = min(limit, count + 1)
            let head = symbols.prefix(places).flatMap { new.symbols + [$0] }
            return Text(symbols: head + (places > count ? new.symbols : []) + symbols.dropFirst(places))
        }
        return split(by: old, limit: limit).joined(by: new)
    }

    func mapped(_ mapping: (Unicode.Scalar) -> String) -> Text {
        Text(
            symbols: symbols.flatMap { symbol in
                mapping(symbol.scalar).unicodeScalars.map { Symbol($0, isGiven: symbol.isGiven) }
            })
    }

    var uppercased: Text { mapped(\.properties.uppercaseMapping) }
    var lowercased: Text { mapped(\.properties.lowercaseMapping) }
    /// The first character upper case, the others lower.
    var capitalized: Text {
        var isFirst = true
        return mapped { scalar in
            defer { isFirst = false }
            return isFirst ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
        }
    }
    /// Each word with another first letter; `continues` says whether a word goes on after a character.
    func titled(
        _ first: (Unicode.Scalar.Properties) -> String, _ continues: (Unicode.Scalar) -> Bool
    ) -> Text {
        var isInWord = false
        return mapped { scalar in
            defer { isInWord = continues(scalar) }
            return isInWord ? scalar.properties.lowercaseMapping : first(scalar.properties)
        }
    }
}

extension [Text] {
    func joined(by separator: Text) -> Text { Text(symbols: map(\.symbols).joined(separator: separator.symbols)) }
}

extension Unicode.Scalar {
    /// Python's `str.isspace`.
    var isSpace: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }
}
