import Glibc
import Testing
import Wire

@Suite("IP addresses")
struct IPAddressTests {
    @Test(
        "IPv6 text is the form of RFC 5952",
        arguments: [
            ("2001:db8::1", "2001:db8::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"),
            ("1::", "1::"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("::ffff:192.0.2.1", "::ffff:c000:201"),
            ("fe80::1:2:3:4", "fe80::1:2:3:4"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ])
    func known(text: String, canonical: String) throws {
        let bytes = try #require(IPAddress.parse6(text))
        #expect(IPAddress.text(bytes) == canonical)
    }

    @Test(
        "what is no IPv6 address is refused",
        arguments: [
            "", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:8::",
            "::1%eth0", "+1::", "-1::", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", ":1::2", "1::2:", "::01.2.3.4",
        ])
    func refused(text: String) { #expect(IPAddress.parse6(text) == nil) }

    @Test(
        "what is no IPv4 address is refused",
        arguments: ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1..2.3", "+1.2.3.4", " 1.2.3.4", "1.2.3.4 "])
    func refused4(text: String) { #expect(IPAddress.parse4(text) == nil) }

    @Test("reading agrees with the system's parser on random text", arguments: 0..<200 as Range<UInt64>)
    func againstSystem(seed: UInt64) {
        var generator = TestGenerator(seed: seed)
        for _ in 0..<50 {
            var bytes = generator.bytes(16)
            let mask = generator.next()
            for index in 0..<8 where mask >> UInt64(index) & 1 == 0 {
                bytes[2 * index] = 0
                bytes[2 * index + 1] = 0
            }
            var text = Array(IPAddress.text(bytes))
            #expect(IPAddress.parse6(String(text)) == bytes)
            #expect(system(String(text)) == bytes)
            // Then with one character changed, removed or doubled.
            let index = Int(generator.next() % UInt64(text.count))
            switch generator.next() % 3 {
            case 0: text[index] = ":"
            case 1: text.remove(at: index)
            default: text.insert(text[index], at: index)
            }
            #expect(IPAddress.parse6(String(text)) == system(String(text)), "\(String(text))")
        }
    }

    private func system(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        return unsafe inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }
}
