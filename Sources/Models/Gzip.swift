internal import CZlib

/// Bounded decompression of gzip (RFC 1952).
package enum Gzip {
    /// Inflates one whole gzip member.
    /// - Returns: nil when the stream is damaged or short, its checksum differs, bytes follow it, or it holds more than `limit`.
    package static func inflated(_ compressed: [UInt8], limit: Int) -> [UInt8]? {
        guard let length = UInt32(exactly: compressed.count), limit >= 0 else { return nil }
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        // 16 + 15: a gzip header, the largest window.
        guard unsafe inflateInit2_(&stream, 16 + 15, ZLIB_VERSION, size) == Z_OK else { return nil }
        defer { unsafe inflateEnd(&stream) }
        var input = compressed
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let capacity = UInt32(buffer.count)
        return unsafe input.withUnsafeMutableBufferPointer { input -> [UInt8]? in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = length
            while true {
                let status = unsafe buffer.withUnsafeMutableBufferPointer { room in
                    unsafe stream.next_out = room.baseAddress
                    unsafe stream.avail_out = capacity
                    return unsafe inflate(&stream, Z_NO_FLUSH)
                }
                let produced = unsafe Int(capacity - stream.avail_out)
                guard status == Z_OK || status == Z_STREAM_END, output.count + produced <= limit else { return nil }
                output += buffer[..<produced]
                if status == Z_STREAM_END { return unsafe stream.avail_in == 0 ? output : nil }
                if unsafe produced == 0 && stream.avail_in == 0 { return nil }
            }
        }
    }
}
