import Foundation
import Testing

@Suite("The map of modules")
struct ImportMapTests {
    @Test("every import of every module is one that the map in Package.swift allows")
    func map() throws {
        let check = Process()
        let output = Pipe()
        check.executableURL = fixtures.deletingLastPathComponent().appending(path: "Scripts/check-imports")
        check.standardOutput = output
        check.standardError = output
        try check.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        check.waitUntilExit()
        #expect(check.terminationStatus == 0, "\(text)")
    }
}
