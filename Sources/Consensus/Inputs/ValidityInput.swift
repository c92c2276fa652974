internal import Keys

extension HeightMachine {
    /// The first answer for a block stays.
    mutating func take(validityOf block: Digest, isValid: Bool, isTimely: Bool, _ effects: inout [Effect]) {
        guard validity[block] == .asked else { return }
        validity[block] = .known(valid: isValid, timely: isTimely)
    }
}
