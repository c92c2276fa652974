import ArgumentParser

struct ReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt",
        abstract: "The receipts of answers: what was asked, what was answered, and who signed it.",
        discussion: """
            A saved receipt proves to anybody, without a node, that this provider gave this answer to this question; with the
            model's file at hand, also whether the answer is right, bit for bit.

            Examples:
              banyan receipt list
              banyan receipt show 9f86d081 --save answer.receipt
              banyan receipt verify answer.receipt --model smollm2
            """,
        subcommands: [ReceiptList.self, ReceiptShow.self, ReceiptVerify.self])
}
