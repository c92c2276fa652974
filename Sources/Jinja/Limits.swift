/// What a template may use before it is given up: it comes with a file from anywhere.
package struct Limits: Hashable, Sendable {
    /// Bytes of the template's source.
    package var source = 1 << 20
    /// Steps of evaluation.
    package var steps = 1_000_000
    /// Characters read or written, those of intermediate results among them. An item of a list counts as eight.
    package var characters = 32_000_000
    /// Expressions, blocks and calls inside one another.
    package var depth = 200

    package init() {}
}
