import API
import Chain
import Inference
import Keys
import Logging
import Models
import Proofs
import ServiceLifecycle

/// The language models on this machine: opened, named by their weights, and running when they are first needed.
actor LanguageModels: Engines, Service {
    /// A model file and what it holds.
    struct Entry: Sendable {
        let name: String
        let model: LanguageModel
        let tokenizer: any Tokenizer
        let template: Result<ChatTemplate, ModelError>
        let rules: ModelRules

        var root: Digest { rules.root }

        /// What the tokens say, in UTF-8; the one that ends an answer says nothing.
        func words(_ tokens: [TokenID]) -> [UInt8] { tokenizer.decode(tokens.filter { !rules.endTokens.contains($0) }) }
    }

    private let store: ModelStore
    private let threads: Int
    private let logger: Logger
    private var entries: [String: Entry] = [:]
    private var watch = ModelFileWatch()
    private var engines: [ModelChoice: BatchedEngine] = [:]
    private let jobs: AsyncStream<BatchedEngine>
    private let inbox: AsyncStream<BatchedEngine>.Continuation

    init(store: ModelStore, threads: Int, logger: Logger) {
        self.store = store
        self.threads = threads
        self.logger = logger
        (jobs, inbox) = AsyncStream.makeStream(of: BatchedEngine.self)
    }

    /// Runs the engines, from now on also those that are not made yet.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.watchFiles() }
                for await engine in self.jobs { group.addTask { try? await engine.run() } }
                group.cancelAll()
            }
        }
    }

    /// The model that a person means: a name of the store, a file, or a digest of a model that is here.
    func entry(_ text: String) async throws(Problem) -> Entry {
        if let root = Digest(hex: text) {
            if let entry = try await entry(root: root) { return entry }
            throw .notFound(
                "No model of this machine has the digest \(text).",
                remedy: "The node needs the model's file to read and check answers: banyan model pull NAME")
        }
        return try await open(try store.file(text))
    }

    /// Opens the models of the store until one has this name.
    func entry(root: Digest) async throws(Problem) -> Entry? {
        if let known = entries.values.first(where: { $0.root == root }) { return known }
        for name in store.names where entries[store.path(of: name)] == nil {
            // A file that is no model is no reason not to look at the others.
            if let entry = try? await open(store.path(of: name)), entry.root == root { return entry }
        }
        return nil
    }

    private func open(_ path: String) async throws(Problem) -> Entry {
        if let known = entries[path] { return known }
        let entry: Entry
        do throws(ModelError) { entry = try await Self.read(path) } catch { throw Problem(error) }
        entries[path] = entry
        return entry
    }

    /// Hashes every weight: a second or so for each gigabyte.
    @concurrent private static func read(_ path: String) async throws(ModelError) -> Entry {
        let model = try LanguageModel.open(path)
        let tokenizer = try model.tokenizer
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return Entry(
            name: String((file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file).prefix(Offer.nameLimit)),
            model: model, tokenizer: tokenizer, template: Result { () throws(ModelError) in try model.chatTemplate },
            rules: try ModelRules(model))
    }

    func engine(for choice: ModelChoice) async throws -> any Engine { try await batchedEngine(for: choice) }

    func batchedEngine(for choice: ModelChoice) async throws -> BatchedEngine {
        if let engine = engines[choice] { return engine }
        guard let entry = try await entry(root: choice.model) else {
            throw Problem.notFound("No model of this machine has the digest \(choice.model).")
        }
        return try engine(of: entry, choice.arithmetic)
    }

    func engine(of entry: Entry, _ arithmetic: Arithmetic) throws -> BatchedEngine {
        let choice = ModelChoice(model: entry.root, arithmetic: arithmetic)
        if let engine = engines[choice] { return engine }
        var settings = BatchedEngine.Settings()
        settings.threads = threads
        let engine = try BatchedEngine(
            entry.model, name: entry.name, rules: entry.rules, arithmetic: arithmetic, settings: settings)
        engines[choice] = engine
        inbox.yield(engine)
        return engine
    }

    // MARK: Files that are damaged while they are in use

    /// Model files that are not what they were, for people.
    var troubles: [Trouble] { watch.troubles }

    private func watchFiles() async {
        repeat { await lookAtFiles() } while (try? await Task.sleep(for: ModelFileWatch.interval)) != nil
    }

    private func lookAtFiles() async {
        let (entries, candidates) = (entries, store.names.map(store.path(of:)))
        let changes = watch.look(
            at: entries.mapValues(\.model.isWhole), now: WallClock.milliseconds(),
            candidates: { path in Set(candidates + [path]) }, stamp: FileStamp.init(path:))
        for path in changes.lost { logger.error("\(ModelFileWatch.detail(path)) \(ModelFileWatch.remedy)") }
        for attempt in changes.tries {
            let (path, candidate) = (attempt.path, attempt.candidate)
            guard let model = entries[path]?.model else { continue }
            do throws(ModelError) {
                try await Self.replaceFile(of: model, from: candidate)
                watch.found(path)
                logger.notice("'\(candidate)' is the model that '\(path)' was: its questions are answered again")
            } catch {
                logger.debug("'\(candidate)' does not stand in for '\(path)'", metadata: ["error": "\(error)"])
            }
        }
    }

    @concurrent private static func replaceFile(of model: LanguageModel, from path: String) async throws(ModelError) {
        try model.takeFile(of: try LanguageModel.open(path))
    }
}
