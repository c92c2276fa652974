import API
import Hummingbird

func addNodeRoutes(to group: RouterGroup<BasicRequestContext>, node: any NodePort) {
    group.get("status") { _, _ in try json(await node.status()) }
    group.get("health") { _, _ in
        let report = HealthReport(troubles: await node.status().troubles)
        return try json(report, status: report.healthy ? .ok : .serviceUnavailable)
    }
    group.get("peers") { _, _ in try json(await node.peers()) }
}
