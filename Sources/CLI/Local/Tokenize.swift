import API
import ArgumentParser
import Models
import Node

struct Tokenize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the tokens that a model makes of a text.",
        discussion: """
            Example: banyan tokenize --model smollm2 "The capital of France is"
            """)
    @Argument(help: "The text.") var text: String
    @OptionGroup var local: LocalModelOptions
    @Flag(help: "Take special tokens written out in the text, such as <|im_end|>, for text.") var plain = false
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        var ids: [TokenID]
        /// What each stands for; a character that several tokens share appears as U+FFFD.
        var texts: [String]
    }

    func run() throws {
        let tokenizer: any Tokenizer
        let file = try local.file()
        do throws(ModelError) { tokenizer = try file.metadata.tokenizer() } catch { throw Problem(error) }
        let ids = tokenizer.encode(text, parsesSpecial: !plain, addsSpecial: true)
        let texts = ids.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) }
        try output.show(Report(ids: ids, texts: texts)) { report in
            zip(report.ids, report.texts).map { "\($0)\t\($1.debugDescription)" }.joined(separator: "\n")
        }
    }
}
