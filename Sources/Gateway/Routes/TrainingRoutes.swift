import API
import Hummingbird

func addTrainingRoutes(to group: RouterGroup<BasicRequestContext>, node: any NodePort, bodyLimit: Int) {
    group.get("training/jobs") { _, _ in try json(await node.jobs()) }
    group.get("training/jobs/:id") { _, context in
        try json(await node.job(try context.parameters.require("id")))
    }
    group.post("blobs") { request, _ in
        let submission = try await request.json(BlobSubmission.self, limit: bodyLimit)
        return try json(await node.store(submission), status: .created)
    }
    group.get("blobs/:digest") { _, context in
        let bytes = try await node.blob(try context.parameters.require("digest"))
        return Response(
            status: .ok, headers: [.contentType: "application/octet-stream"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
