/// What both sides of one stream agreed on so far.
struct YamuxStreamState: Sendable {
    /// Bytes that we may still send.
    var sendWindow: UInt32 = UInt32(YamuxFrame.initialWindow)
    /// Bytes that the peer may still send.
    var receiveWindow = YamuxFrame.initialWindow
    /// Receive window that we grant when everything is read; grows with the speed of the reader.
    var target = YamuxFrame.initialWindow
    var unread = ChunkQueue()
    var sentFin = false
    var receivedFin = false
    /// We opened it and the peer has not said yes.
    var awaitsAck: Bool
    let isInbound: Bool
    /// When the window was last updated, for its growth.
    var updated: Duration?

    /// Both sides are closed and everything is read.
    var isOver: Bool { sentFin && receivedFin && unread.count == 0 }
}
