/// What a template computes with: Python's values, as far as templates need them. Nothing but a namespace can be changed.
package enum Value {
    /// The value of a name that nothing was assigned to.
    case undefined
    /// Python's `None`.
    case null
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case text(Text)
    case list([Value])
    /// Pairs in the order in which they were written; no key twice.
    case map([Pair])
    case namespace(Namespace)
    case function(Function)
    case macro(Macro)

    package struct Pair {
        package let key: Value
        package let value: Value

        package init(_ key: Text, _ value: Value) { (self.key, self.value) = (.text(key), value) }

        init(key: Value, value: Value) { (self.key, self.value) = (key, value) }
    }

    /// What is called and computed here.
    package indirect enum Function {
        case range, namespace, dictionary, raiseException
        case method(String, of: Value)
    }

    var isTrue: Bool {
        switch self {
        case .undefined, .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .text(let text): !text.isEmpty
        case .list(let values): !values.isEmpty
        case .map(let pairs): !pairs.isEmpty
        case .namespace, .function, .macro: true
        }
    }

    /// For errors.
    var kind: String {
        switch self {
        case .undefined: "nothing"
        case .null: "none"
        case .bool: "a truth value"
        case .integer, .float: "a number"
        case .text: "a string"
        case .list: "a list"
        case .map: "a mapping"
        case .namespace: "a namespace"
        case .function, .macro: "a function"
        }
    }

    /// Python's `==`: numbers by value, `True` a 1.
    func equals(_ other: Value) -> Bool {
        switch (self, other) {
        case (.undefined, .undefined), (.null, .null): true
        case (.text(let one), .text(let other)): one == other
        case (.list(let ones), .list(let others)): ones.elementsEqual(others) { $0.equals($1) }
        case (.map(let ones), .map(let others)):
            ones.count == others.count
                && ones.allSatisfy { pair in others.value(for: pair.key)?.equals(pair.value) ?? false }
        case (.namespace(let one), .namespace(let other)): one === other
        default:
            if let one = exact, let other = other.exact {
                one == other
            } else if let one = number, let other = other.number {
                one == other
            } else {
                false
            }
        }
    }

    /// As a whole number, if it is one by kind.
    var exact: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value): value
        default: nil
        }
    }

    var number: Double? {
        if case .float(let value) = self { value } else { exact.map(Double.init) }
    }
}

extension [Value.Pair] {
    /// Key and value of each, side by side.
    var lists: [Value] { map { .list([$0.key, $0.value]) } }

    func value(for key: Value) -> Value? { first { $0.key.equals(key) }?.value }

    mutating func set(_ key: Value, to value: Value) {
        let pair = Value.Pair(key: key, value: value)
        if let place = firstIndex(where: { $0.key.equals(key) }) { self[place] = pair } else { append(pair) }
    }
}

/// The one thing that a template can change: `namespace(…)`.
package final class Namespace {
    var pairs: [Value.Pair]

    init(_ pairs: [Value.Pair]) { self.pairs = pairs }
}

/// A macro with what could be seen where it was written, but for other macros.
package final class Macro {
    let syntax: MacroSyntax
    let scopes: [[String: Value]]

    init(_ syntax: MacroSyntax, _ scopes: [[String: Value]]) { (self.syntax, self.scopes) = (syntax, scopes) }
}
