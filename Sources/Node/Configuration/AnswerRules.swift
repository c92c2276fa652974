package import API
package import Ledger

extension AnswerParameters {
    /// The standard rules with some numbers replaced, e.g. `auditShare=10000,commitWindow=30`.
    package init(changing text: String) throws(Problem) {
        self.init()
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, let number = UInt32(sides[1]), replace(sides[0], with: number) else {
                throw .invalid(
                    "'\(part)' is no rule about answers.",
                    remedy:
                        "Known: appealWindow, auditShare, commitWindow, committee, convictionWindow, disputeBudget, pleaWindow, revealWindow, window; as NAME=NUMBER."
                )
            }
        }
    }

    /// - Returns: false when there is no such rule.
    private mutating func replace(_ name: String, with number: UInt32) -> Bool {
        switch name {
        case "appealWindow": appealWindow = number
        case "auditShare": auditShare = number
        case "commitWindow": commitWindow = number
        case "committee": committee = number
        case "convictionWindow": convictionWindow = number
        case "disputeBudget": disputeBudget = number
        case "pleaWindow": pleaWindow = number
        case "revealWindow": revealWindow = number
        case "window": window = number
        default: return false
        }
        return true
    }
}
