import API
import Foundation
import Models
import Node
import Testing

@Suite("Model files that are changed under a node")
struct ModelFileWatchTests {
    private let directory: TemporaryDirectory
    private var watch = ModelFileWatch()

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> String { directory.path + "/" + name }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    private mutating func look(isWhole: Bool, now: UInt64, _ names: String...) -> ModelFileWatch.Changes {
        let candidates = Set(names.map(path))
        return watch.look(
            at: [path("model"): isWhole], now: now, candidates: { _ in candidates }, stamp: FileStamp.init(path:))
    }

    private func attempt(_ candidate: String) -> ModelFileWatch.Try {
        .init(path: path("model"), candidate: path(candidate))
    }

    @Test("a file that is lost is said so once, and since when")
    mutating func told() {
        #expect(look(isWhole: true, now: 1) == .init())
        #expect(watch.troubles.isEmpty)
        #expect(look(isWhole: false, now: 2).lost == [path("model")])
        #expect(look(isWhole: false, now: 3).lost.isEmpty)
        #expect(watch.troubles.map(\.since) == [2])
        #expect(watch.troubles[0].detail.contains(path("model")))
        watch.found(path("model"))
        #expect(watch.troubles.isEmpty)
        #expect(look(isWhole: false, now: 4).lost == [path("model")])
        _ = look(isWhole: true, now: 5)
        #expect(watch.troubles.isEmpty)
    }

    @Test("each candidate is tried once it has stopped changing, and again when it has changed")
    mutating func tried() throws {
        try write("model", "damaged")
        try write("other", "a")
        #expect(look(isWhole: false, now: 1, "model", "other", "absent").tries.isEmpty)
        #expect(look(isWhole: false, now: 2, "model", "other", "absent").tries == [attempt("model"), attempt("other")])
        #expect(look(isWhole: false, now: 3, "model", "other", "absent").tries.isEmpty)
        // It is being written.
        try write("other", "ab")
        #expect(look(isWhole: false, now: 4, "model", "other").tries.isEmpty)
        try write("other", "abc")
        #expect(look(isWhole: false, now: 5, "model", "other").tries.isEmpty)
        #expect(look(isWhole: false, now: 6, "model", "other").tries == [attempt("other")])
        #expect(look(isWhole: false, now: 7, "model", "other").tries.isEmpty)
    }
}
