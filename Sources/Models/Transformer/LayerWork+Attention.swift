internal import Tensors

// Attention of the rows of a pass to all positions before them.
extension LayerWork {
    /// Queries that share keys: `count` of them from the first, rows by position, heads within a row.
    private struct View {
        let head: Int
        let firstRow: Int
        let firstHead: Int
        let count: Int
    }

    /// Fills the results of attention by head of keys.
    /// - Parameter caches: one for each sequence, with the keys and values of all rows.
    func attend(_ rows: [Row], _ caches: [LayerCache]) {
        let shape = context.shape, count = rows.count
        let room = (rows.reduce(0) { max($0, $1.position) } + 16) / 16 * 16
        while scores.count < context.crew.threads { scores.append(Floats(0)) }
        for worker in scores.indices where scores[worker].count < room * AttentionView.rows {
            scores[worker] = Floats((room + room / 2 + 15) / 16 * 16 * AttentionView.rows)
        }
        let views = views(rows)
        context.crew.run(views.count) { item, worker in
            let view = views[item], cache = caches[rows[view.firstRow].piece].places
            let seen = (0..<view.count).map {
                Int32(rows[view.firstRow + (view.firstHead + $0) / shape.group].position + 1)
            }
            let place = ((view.head * count + view.firstRow) * shape.group + view.firstHead) * shape.headWidth
            unsafe context.backend.attend(
                AttentionView(
                    queries: groupedQueries.base + place, out: groupedResults.base + place, width: shape.headWidth,
                    seen: seen, keys: cache.keys(view.head), keyStride: cache.keyStride,
                    values: cache.values(view.head), valueStride: shape.headWidth),
                scores: scores[worker])
        }
    }

    private func views(_ rows: [Row]) -> [View] {
        let shape = context.shape
        var views: [View] = []
        var start = 0
        while start < rows.count {
            let end = rows[start...].firstIndex { $0.piece != rows[start].piece } ?? rows.count
            for head in 0..<shape.keyValueHeads {
                for first in stride(from: 0, to: (end - start) * shape.group, by: AttentionView.rows) {
                    views.append(
                        View(
                            head: head, firstRow: start + first / shape.group, firstHead: first % shape.group,
                            count: min(AttentionView.rows, (end - start) * shape.group - first)))
                }
            }
            start = end
        }
        return views
    }
}
