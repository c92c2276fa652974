/// Text that comes in pieces, set in an indented column. A line is broken at the first space near its end, so that nothing that was
/// written has to move; a word that does not end is broken anywhere. Empty lines are left out: a model that does not do what it says
/// it is may write nothing else.
struct Paragraph {
    private static let indent = "  "
    /// In characters: words are seldom longer than the twelve up to the usual hundred.
    private static let width = 84
    /// No line is longer.
    private static let limit = 112

    private var column = 0

    /// The characters to write now.
    mutating func add(_ text: String) -> String {
        var output = ""
        for character in text {
            if character.isNewline || character == " " && column >= Self.width {
                if column > 0 { output += "\n" }
                column = 0
            } else if column > 0 || !character.isWhitespace {
                if column >= Self.limit {
                    output += "\n"
                    column = 0
                }
                if column == 0 { output += Self.indent }
                output.append(character)
                column += 1
            }
        }
        return output
    }
}
