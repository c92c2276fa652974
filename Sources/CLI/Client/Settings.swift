import API
import Foundation
import Ledger
import Yams

/// One setting after another, from the strongest source that has it: flag, environment, `banyan.yaml`, default.
///
/// `--empty-blocks`, `BANYAN_EMPTY_BLOCKS` and `empty-blocks:` are the same setting.
struct Settings {
    private let file: [String: Value]
    private let fileName: String
    private let environment: [String: String]
    private(set) var known: Set<String> = []

    private enum Value: Decodable {
        case one(String)
        case several([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let several = try? container.decode([String].self) {
                self = .several(several)
            } else if let flag = try? container.decode(Bool.self) {
                self = .one(flag ? "true" : "false")
            } else if let number = try? container.decode(Int.self) {
                self = .one(String(number))
            } else {
                self = .one(try container.decode(String.self))
            }
        }
    }

    /// - Parameter path: a YAML file of `setting: value` lines; nil when there is none.
    /// - Throws: ``Problem`` when the file cannot be read or is not such a file.
    init(path: String?, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        self.environment = environment
        fileName = path ?? "banyan.yaml"
        guard let path else {
            file = [:]
            return
        }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw Problem.invalid("The configuration file '\(path)' cannot be read.")
        }
        do {
            file = text.allSatisfy(\.isWhitespace) ? [:] : try YAMLDecoder().decode([String: Value].self, from: text)
        } catch {
            throw Problem.invalid(
                "The configuration file '\(path)' is not made of 'setting: value' lines: \(error)",
                remedy: "docs/configuration.md lists every setting.")
        }
    }

    /// One value; a comma in it is part of it.
    mutating func text(_ name: String, flag: String?) -> String? {
        known.insert(name)
        if let value = flag ?? variable(name) { return value }
        switch file[name] {
        case .one(let value): return value
        case .several(let values): return values.first
        case nil: return nil
        }
    }

    /// A list: repeated flags, a comma-separated variable, or a YAML list.
    mutating func texts(_ name: String, flag: [String]) -> [String] {
        known.insert(name)
        if !flag.isEmpty { return flag }
        if let value = variable(name) {
            return value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        switch file[name] {
        case .one(let value): return [value]
        case .several(let values): return values
        case nil: return []
        }
    }

    /// What the environment says; an empty variable says nothing.
    private func variable(_ name: String) -> String? {
        let value = environment["BANYAN_" + name.uppercased().replacingOccurrences(of: "-", with: "_")] ?? ""
        return value.isEmpty ? nil : value
    }

    mutating func number(_ name: String, flag: Int?) throws -> Int? {
        guard let text = text(name, flag: flag.map(String.init)) else { return nil }
        guard let number = Int(text) else { throw Problem.invalid("\(name) is '\(text)', which is not a number.") }
        return number
    }

    mutating func amount(_ name: String, flag: Amount?) throws -> Amount? {
        guard let text = text(name, flag: flag?.description) else { return nil }
        guard let amount = Amount(text) else {
            throw Problem.invalid("\(name) is '\(text)', which is no amount of FIG.")
        }
        return amount
    }

    mutating func flag(_ name: String, flag: Bool?) throws -> Bool? {
        switch text(name, flag: flag.map { $0 ? "true" : "false" })?.lowercased() {
        case nil: return nil
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        case let other?: throw Problem.invalid("\(name) is '\(other)'; it is either true or false.")
        }
    }

    /// Call after the last setting was read.
    /// - Throws: ``Problem`` for a line in the file that names no setting.
    func refuseUnknown() throws {
        guard let stranger = file.keys.sorted().first(where: { !known.contains($0) }) else { return }
        throw Problem.invalid(
            "'\(stranger)' in '\(fileName)' is no setting.",
            remedy: "Known settings: \(known.sorted().joined(separator: ", ")).")
    }
}
