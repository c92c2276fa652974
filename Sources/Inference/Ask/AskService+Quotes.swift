internal import Keys
internal import Proofs
internal import Swarm
internal import Transport
internal import Wire

extension AskService {
    /// A provider, what it asks now, or why it would not be asked.
    package struct Quoted: Hashable, Sendable {
        package let candidate: Candidate
        package let quote: Quote?
        package let refusal: String?
    }

    /// Asks those who would be asked, at most 16 at a time, and returns them best first.
    package nonisolated func quotes(for inquiry: Inquiry) async -> [Quoted] {
        let candidates = await candidates(for: inquiry)
        return await withTaskGroup(of: (Int, Quoted).self) { group in
            for (index, candidate) in candidates.prefix(16).enumerated() {
                group.addTask { (index, await self.quote(of: candidate, inquiry.choice)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private nonisolated func quote(of candidate: Candidate, _ choice: ModelChoice) async -> Quoted {
        do {
            if candidate.peer == swarm.peer, let local {
                return Quoted(candidate: candidate, quote: try await local.quote(for: choice), refusal: nil)
            }
            let bytes = try await swarm.request(
                InferenceMessage.protocolID, InferenceMessage.quote(choice).bytes, to: candidate.peer,
                answerLimit: InferenceMessage.answerLimit, deadline: settings.openDeadline)
            switch try InferenceMessage(bytes: bytes) {
            case .quoted(let quote): return Quoted(candidate: candidate, quote: quote, refusal: nil)
            case .refused(let refusal): return Quoted(candidate: candidate, quote: nil, refusal: "\(refusal)")
            default: return Quoted(candidate: candidate, quote: nil, refusal: "it does not answer with a quote")
            }
        } catch {
            return Quoted(candidate: candidate, quote: nil, refusal: "\(error)")
        }
    }
}
