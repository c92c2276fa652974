import ArgumentParser
import Keys
import Ledger
import Node

extension Amount: ExpressibleByArgument {
    /// In FIG, e.g. "12.5".
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension AccountID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Digest: ExpressibleByArgument {
    public init?(argument: String) { self.init(hex: argument) }
}

extension DisputeCheat: ExpressibleByArgument {}
