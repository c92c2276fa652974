import API
import Hummingbird

func addNodeRoutes(to group: RouterGroup<BasicRequestContext>, node: any NodePort) {
    group.get("status") { _, _ in try json(await node.status()) }
    group.get("peers") { _, _ in try json(await node.peers()) }
}
