import API
import Hummingbird

func addLedgerRoutes(to group: RouterGroup<BasicRequestContext>, node: any NodePort, bodyLimit: Int) {
    group.get("accounts/:account") { _, context in
        try json(await node.account(try context.parameters.require("account")))
    }
    group.get("accounts/:account/proof") { _, context in
        try json(await node.proof(of: try context.parameters.require("account")))
    }
    group.get("nonces/:signer") { _, context in
        try json(await node.nonce(of: try context.parameters.require("signer")))
    }
    group.get("blocks") { request, _ in
        let query = request.uri.queryParameters
        let from = try query["from"].map { try number($0, named: "from") }
        let limit = try query["limit"].map { try number($0, named: "limit") } ?? 20
        return try json(await node.blocks(from: from, limit: Int(min(limit, 200))))
    }
    group.get("blocks/:height") { _, context in
        try json(await node.block(at: try number(Substring(try context.parameters.require("height")), named: "height")))
    }
    group.post("transactions") { request, _ in
        let submission = try await request.json(TransactionSubmission.self, limit: bodyLimit)
        return try json(await node.submit(submission), status: .accepted)
    }
    group.get("transactions/:id") { _, context in
        try json(await node.transaction(try context.parameters.require("id")))
    }
}

private func number(_ text: some StringProtocol, named name: String) throws(Problem) -> UInt64 {
    guard let value = UInt64(text) else { throw .invalid("'\(text)' is not a number, as '\(name)' must be.") }
    return value
}
