import Foundation
import Glibc

/// The question of a demo: given, typed at the terminal, or the usual one.
struct DemoQuestion {
    static let usual = "What is a banyan tree?"
    /// Seconds after which nobody is expected to type any more.
    private static let patience = 45.0

    /// - Parameter wait: called ten times a second while somebody may type.
    static func ask(_ given: String?, view: DemoView, wait: () async throws -> Void) async throws -> String {
        if let given { return given }
        guard view.isScreen, isatty(STDIN_FILENO) == 1 else { return usual }
        view.prompt("Ask the model something (Enter: \(usual))  › ")
        let end = ContinuousClock.now + .seconds(patience)
        while ContinuousClock.now < end {
            if isReadable { return text(readLine()) }
            try await wait()
        }
        view.say("")
        return usual
    }

    private static func text(_ line: String?) -> String {
        let typed = line?.trimmingCharacters(in: .whitespaces) ?? ""
        return typed.isEmpty ? usual : typed
    }

    /// Whether a line waits in standard input.
    private static var isReadable: Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, 0) > 0
    }
}
