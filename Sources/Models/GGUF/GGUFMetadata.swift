/// The key-value pairs of a GGUF file, asked for by key and type.
package struct GGUFMetadata: Hashable, Sendable {
    package let values: [String: GGUFValue]
    /// The file, for errors.
    private let path: String

    package init(_ values: [String: GGUFValue], path: String) {
        self.values = values
        self.path = path
    }

    /// An error about this file.
    package func failure(_ reason: String) -> ModelError { .gguf(path: path, reason: reason) }

    package func contains(_ key: String) -> Bool { values[key] != nil }

    /// - Returns: the integer of `key`, or `fallback` when there is no such key.
    /// - Throws: ``ModelError/gguf(path:reason:)`` when it has another type, or is missing and there is no fallback.
    package func integer(_ key: String, default fallback: Int? = nil) throws(ModelError) -> Int {
        try value(key, fallback, "an integer") { if case .integer(let value) = $0 { value } else { nil } }
    }

    /// A float; an integer counts as one.
    package func real(_ key: String, default fallback: Double? = nil) throws(ModelError) -> Double {
        try value(key, fallback, "a float") {
            switch $0 {
            case .real(let value): value
            case .integer(let value): Double(value)
            default: nil
            }
        }
    }

    package func flag(_ key: String, default fallback: Bool? = nil) throws(ModelError) -> Bool {
        try value(key, fallback, "a bool") { if case .flag(let value) = $0 { value } else { nil } }
    }

    /// A string of valid UTF-8.
    package func text(_ key: String, default fallback: String? = nil) throws(ModelError) -> String {
        try value(key, fallback, "a string of UTF-8") {
            if case .text(let bytes) = $0 { String(validating: bytes, as: UTF8.self) } else { nil }
        }
    }

    package func texts(_ key: String, default fallback: GGUFStrings? = nil) throws(ModelError) -> GGUFStrings {
        try value(key, fallback, "an array of strings") { if case .texts(let value) = $0 { value } else { nil } }
    }

    package func integers(_ key: String, default fallback: [Int]? = nil) throws(ModelError) -> [Int] {
        try value(key, fallback, "an array of integers") { if case .integers(let value) = $0 { value } else { nil } }
    }

    package func reals(_ key: String, default fallback: [Double]? = nil) throws(ModelError) -> [Double] {
        try value(key, fallback, "an array of floats") { if case .reals(let value) = $0 { value } else { nil } }
    }

    private func value<Value>(
        _ key: String, _ fallback: Value?, _ wanted: String, _ extract: (GGUFValue) -> Value?
    ) throws(ModelError) -> Value {
        guard let found = values[key] else {
            guard let fallback else { throw failure("'\(key)' is missing; it should be \(wanted)") }
            return fallback
        }
        guard let value = extract(found) else {
            throw failure("'\(key)' is \(found.kind), \(wanted) was expected")
        }
        return value
    }
}
