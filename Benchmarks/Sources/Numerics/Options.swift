/// `--name value` pairs.
struct Options {
    private var values: [String: String] = [:]

    init(_ arguments: [String]) {
        for (name, value) in zip(arguments, arguments.dropFirst()) where name.hasPrefix("--") {
            values[String(name.dropFirst(2))] = value
        }
    }

    func text(_ name: String, _ fallback: String) -> String { values[name] ?? fallback }
    func number(_ name: String, _ fallback: Int) -> Int { values[name].flatMap(Int.init) ?? fallback }
    func ratio(_ name: String, _ fallback: String) -> (UInt32, UInt32) {
        let parts = text(name, fallback).split(separator: "/").compactMap { UInt32($0) }
        return parts.count == 2 ? (parts[0], parts[1]) : (parts.first ?? 1, 1)
    }
}
