import Foundation
import FoundationNetworking
import Synchronization

/// The lines of a response body as they come. Ending the iteration early lets the rest run into the void, until the node ends it
/// (``NodeClient/ask(_:tell:)`` asks it to) or the program ends.
final class LineStream: NSObject, URLSessionDataDelegate, Sendable {
    /// A line of JSON of the API is far below.
    private static let lineLimit = 16 << 20

    enum Piece: Sendable {
        case status(Int)
        case line(Data)
    }

    private let pieces: AsyncThrowingStream<Piece, any Error>.Continuation
    private let partial = Mutex(Data())

    private init(_ pieces: AsyncThrowingStream<Piece, any Error>.Continuation) { self.pieces = pieces }

    /// Sends the request when iteration begins.
    static func pieces(of request: URLRequest) -> AsyncThrowingStream<Piece, any Error> {
        AsyncThrowingStream { continuation in
            let session = URLSession(
                configuration: .ephemeral, delegate: LineStream(continuation), delegateQueue: nil)
            let task = session.dataTask(with: request)
            // Not cancelled: at some moments of a request that ends the program (TaskRegistry in Foundation for Linux). What still comes is dropped.
            continuation.onTermination = { _ in session.finishTasksAndInvalidate() }
            task.resume()
        }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        pieces.yield(.status((response as? HTTPURLResponse)?.statusCode ?? 200))
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let lines = partial.withLock { partial -> [Data]? in
            partial.append(data)
            guard partial.count <= Self.lineLimit else { return nil }
            var lines = partial.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Data($0) }
            partial = lines.popLast() ?? Data()
            return lines
        }
        guard let lines else { return dataTask.cancel() }
        for line in lines where !line.isEmpty { pieces.yield(.line(line)) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let rest = partial.withLock { $0 }
        if error == nil, !rest.isEmpty { pieces.yield(.line(rest)) }
        pieces.finish(throwing: error)
    }
}
