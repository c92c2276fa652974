import Jinja
import Testing

@Suite("Templates beside Jinja2")
struct ReferenceTests {
    @Test("every template of the fixture writes what Jinja2 writes, or is refused where Jinja2 refuses it")
    func equal() throws {
        let reference = try Reference.read()
        let names = reference.names.mapValues(\.value)
        var (equal, refused) = (0, 0)
        for one in reference.cases {
            do {
                let text = try Template(one.template).render(names).string
                #expect(text == one.text, "\(one.template)")
                equal += 1
            } catch {
                #expect(one.text == nil, "\(one.template) is refused: \(error)")
                refused += 1
            }
        }
        #expect(equal + refused == reference.cases.count && equal > 700 && refused > 100)
    }
}
