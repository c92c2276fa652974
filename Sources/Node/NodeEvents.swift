package import API
package import Foundation
import Synchronization

/// Where a node tells what happens in it.
package struct NodeEvents: Sendable {
    private let tell: @Sendable (NodeEvent) -> Void

    package init(_ tell: @escaping @Sendable (NodeEvent) -> Void) { self.tell = tell }

    /// One JSON object a line, for programs.
    package static func lines(_ file: FileHandle) -> NodeEvents {
        let lock = Mutex(())
        return NodeEvents { event in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let line = try? encoder.encode(event) else { return }
            lock.withLock { _ in write(line + [UInt8(ascii: "\n")], to: file) }
        }
    }

    /// A sentence a line, for people; blocks are not worth one.
    package static func people(_ file: FileHandle) -> NodeEvents {
        let lock = Mutex(())
        return NodeEvents { event in
            guard let text = event.sentence else { return }
            lock.withLock { _ in write(Data((text + "\n").utf8), to: file) }
        }
    }

    package func callAsFunction(_ event: NodeEvent) { tell(event) }

    /// A reader that went away must not stop the node.
    private static func write(_ data: Data, to file: FileHandle) { try? file.write(contentsOf: data) }
}

extension NodeEvent {
    /// What a person wants to read about it; nil when nothing.
    package var sentence: String? {
        switch self {
        case .ready(let ready):
            """
            \(ready.name) is up
              account  \(ready.account)
              api      \(ready.api)
              others join with  banyan up --join \(ready.addresses.first ?? "")
            """
        case .block: nil
        case .roundOpened(let opened): "round \(opened.round + 1) opened at height \(opened.height)"
        case .trained(let trained): "round \(trained.round + 1): trained \(trained.steps) steps"
        case .cheated(let cheated): "round \(cheated.round + 1): cheated (\(cheated.kind))"
        case .audited(let audited):
            "round \(audited.round + 1): audited \(audited.worker): \(audited.fault ?? "bits are equal")"
        case .decided(let decided):
            "round \(decided.round + 1): \(decided.worker) \(decided.outcome)\(decided.reason.map { ": " + $0 } ?? "")"
        case .roundSettled(let settled):
            "round \(settled.round + 1) settled at height \(settled.height): model \(settled.model.prefix(16))"
        case .evaluated(let evaluated):
            "round \(evaluated.round + 1): \(evaluated.correct) of \(evaluated.total) test images right"
        case .jobFinished(let finished):
            "job \(finished.job.prefix(16)) \(finished.completed ? "finished" : "failed") at height \(finished.height)"
        case .served(let served):
            "answered \(served.request.prefix(16)): \(served.outputTokens) tokens to \(served.client)"
        case .abandoned(let abandoned):
            "\(abandoned.request.prefix(16)) was taken back after \(abandoned.outputTokens) tokens"
        case .deceived(let deceived): "answered \(deceived.request.prefix(16)), cheating (\(deceived.kind))"
        case .checked(let checked):
            "checked \(checked.request.prefix(16)) of \(checked.provider): \(checked.fault ?? "bits are equal")"
        case .judged(let judged):
            "\(judged.request.prefix(16)) of \(judged.provider) \(judged.outcome)\(judged.member.map { " against \($0)" } ?? "")\(judged.reason.map { ": " + $0 } ?? "")"
        }
    }
}
