internal import Logging

extension YamuxConnection {
    /// Serves the streams that the peer opens until the connection ends; then their tasks are cancelled.
    func serve(_ delegate: any ConnectionDelegate, negotiationDeadline: Duration, logger: Logger) async {
        await withDiscardingTaskGroup { group in
            for await opened in inbound {
                let raw = YamuxStream(self, opened)
                group.addTask {
                    defer { self.finishedServing() }
                    do {
                        let stream = try await withDeadline(negotiationDeadline, "negotiating a stream") {
                            try await raw.answer(delegate.protocols())
                        }
                        await delegate.incoming(stream, on: self)
                    } catch {
                        raw.reset()
                        logger.debug(
                            "a stream failed before its protocol",
                            metadata: [
                                "peer": "\(self.remotePeer)", "error": "\(error)",
                            ])
                    }
                }
            }
            group.cancelAll()
        }
    }
}
