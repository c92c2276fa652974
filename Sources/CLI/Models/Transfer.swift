import API
import Foundation
import FoundationNetworking
import Synchronization

/// One HTTP request whose body goes to a file as it comes.
final class Transfer: NSObject, URLSessionDataDelegate, Sendable {
    private struct State {
        var file: FileHandle?
        var done = 0
        var total: Int?
        var problem: Problem?
        var waiting: CheckedContinuation<Void, any Error>?
    }

    private let source: URL
    private let part: PartialFile
    private let isPinned: Bool
    private let bar: Mutex<ProgressBar>
    private let state = Mutex(State())

    /// - Parameter isPinned: whether the file's digest is known, so that a wrong continuation would be noticed.
    init(source: URL, part: PartialFile, isPinned: Bool, isQuiet: Bool) {
        self.source = source
        self.part = part
        self.isPinned = isPinned
        let name = (part.path as NSString).lastPathComponent.dropLast(5)
        bar = Mutex(ProgressBar(String(name), isQuiet: isQuiet))
    }

    /// Fetches what is missing.
    /// - Throws: ``Problem``; what has come by then stays in the part.
    func run() async throws {
        let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        var request = URLRequest(url: source, timeoutInterval: 60)
        // Compressed on the way, lengths and ranges would not be those of the file.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        let validator = part.validator(for: source)
        if let validator, !validator.isEmpty || isPinned {
            request.setValue("bytes=\(part.count)-", forHTTPHeaderField: "Range")
            if !validator.isEmpty { request.setValue(validator, forHTTPHeaderField: "If-Range") }
        }
        let task = session.dataTask(with: request)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.waiting = continuation }
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        completionHandler(attempt { (state) throws(Problem) in try begin(&state, response) } ? .allow : .cancel)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isWritten = attempt { (state) throws(Problem) in
            do { try state.file?.write(contentsOf: data) } catch {
                throw Problem(
                    "disk-full", status: 507, "'\(part.path)' cannot be written: \(error.localizedDescription)",
                    remedy: "Make room and run the command again; it goes on where it stopped.")
            }
            state.done += data.count
        }
        guard isWritten else { return dataTask.cancel() }
        let (done, total) = state.withLock { ($0.done, $0.total) }
        bar.withLock { $0.show(done, of: total) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        bar.withLock { $0.clear() }
        let (waiting, problem) = state.withLock { state in
            try? state.file?.close()
            let problem = state.problem ?? error.map { unreachable($0, state) } ?? truncation(state)
            defer { state.waiting = nil }
            return (state.waiting, problem)
        }
        if let problem { waiting?.resume(throwing: problem) } else { waiting?.resume() }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        let isSafe = request.url?.scheme == "https" || source.scheme == "http"
        if !isSafe {
            state.withLock {
                $0.problem = .invalid("\(source) leads to \(request.url?.absoluteString ?? "?"), which is not https.")
            }
        }
        completionHandler(isSafe ? request : nil)
    }

    /// Decides by status and range whether what comes belongs at the end of the part.
    private func begin(_ state: inout State, _ response: URLResponse) throws(Problem) {
        guard let http = response as? HTTPURLResponse else { throw .invalid("\(source) is no address of HTTP.") }
        let length = http.expectedContentLength >= 0 ? Int(http.expectedContentLength) : nil
        let here = part.count
        switch http.statusCode {
        case 206 where http.value(forHTTPHeaderField: "Content-Range")?.hasPrefix("bytes \(here)-") == true:
            state.done = here
        case 200: state.done = 0
        case 416:
            part.remove()
            throw .invalid("\(source) is shorter than what was fetched of it.", remedy: "Run the command again.")
        default:
            throw Problem(
                "http-\(http.statusCode)", status: http.statusCode, "\(source) answered \(http.statusCode).",
                remedy: "Does the address name a file?")
        }
        state.total = length.map { $0 + state.done }
        if let length { try part.checkSpace(for: length) }
        let validator = http.value(forHTTPHeaderField: "ETag").flatMap { $0.hasPrefix("W/") ? nil : $0 }
        state.file = try part.open(
            source: source, validator: validator ?? http.value(forHTTPHeaderField: "Last-Modified"),
            keepsContent: state.done > 0)
    }

    private func attempt(_ body: (inout State) throws(Problem) -> Void) -> Bool {
        state.withLock { state in
            do throws(Problem) {
                try body(&state)
                return true
            } catch {
                state.problem = error
                return false
            }
        }
    }

    private func unreachable(_ error: any Error, _ state: State) -> Problem {
        Problem(
            "interrupted", status: 503,
            "\(source) \(state.done > 0 ? "broke off after \(progress(state))" : "does not answer"): \(error.localizedDescription)",
            remedy: state.done > 0
                ? "Run the command again; it goes on where it stopped." : "Check the address and the network.")
    }

    private func truncation(_ state: State) -> Problem? {
        guard let total = state.total, state.done < total else { return nil }
        return Problem(
            "interrupted", status: 503, "\(source) ended after \(progress(state)).",
            remedy: "Run the command again; it goes on where it stopped.")
    }

    private func progress(_ state: State) -> String {
        "\(state.done)\(state.total.map { " of \($0)" } ?? "") bytes"
    }
}
