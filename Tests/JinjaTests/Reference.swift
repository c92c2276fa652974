import Foundation
import Jinja

/// What Jinja2 makes of templates: `Fixtures/jinja/cases.json`.
struct Reference: Decodable {
    struct Case: Decodable {
        let template: String
        /// Nil when it is refused.
        let text: String?
    }

    let names: [String: Given]
    let cases: [Case]

    static func read() throws -> Reference {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures")
        return try JSONDecoder().decode(
            Reference.self, from: try Data(contentsOf: fixtures.appending(path: "jinja/cases.json")))
    }
}

/// A value as the fixture writes it: a mapping is `{"pairs": [[key, value], …]}`.
struct Given: Decodable {
    private struct Mapping: Decodable { let pairs: [[Given]] }

    let value: Value

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = .null
        } else if let flag = try? container.decode(Bool.self) {
            value = .bool(flag)
        } else if let number = try? container.decode(Int.self) {
            value = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            value = .float(number)
        } else if let text = try? container.decode(String.self) {
            value = .text(Text(given: text))
        } else if let list = try? container.decode([Given].self) {
            value = .list(list.map(\.value))
        } else {
            value = .map(
                try container.decode(Mapping.self).pairs.map { pair in
                    guard pair.count == 2, case .text(let key) = pair[0].value else {
                        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no pair")
                    }
                    return Value.Pair(key, pair[1].value)
                })
        }
    }
}
