extension Evaluator {
    func negated(_ value: Value, line: Int) throws(JinjaError) -> Value {
        if let number = value.exact, number != .min { return .integer(-number) }
        if case .float(let number) = value { return .float(-number) }
        throw .evaluation(line: line, "\(value.kind) has no negative")
    }

    mutating func combine(
        _ operation: Operator, _ one: Value, _ other: Value, line: Int
    ) throws(JinjaError) -> Value {
        switch (operation, one, other) {
        case (.join, _, _): return .text(try text(of: one) + (try text(of: other)))
        case (.add, .text(let first), .text(let second)):
            try spend(first.count + second.count)
            return .text(first + second)
        case (.add, .list(let first), .list(let second)):
            try spend(items: first.count + second.count)
            return .list(first + second)
        case (.multiply, .text(let text), _), (.multiply, _, .text(let text)):
            guard let count = one.exact ?? other.exact else { break }
            try spend(text.count, times: max(count, 0))
            return .text(Text(symbols: repeatElement(text.symbols, count: max(count, 0)).joined()))
        case (.multiply, .list(let values), _), (.multiply, _, .list(let values)):
            guard let count = one.exact ?? other.exact else { break }
            try spend(8 * values.count, times: max(count, 0))
            return .list(Array(repeatElement(values, count: max(count, 0)).joined()))
        default:
            if let first = one.exact, let second = other.exact, operation != .divide {
                return try calculate(operation, first, second, line: line)
            }
            if let first = one.number, let second = other.number {
                return .float(try calculate(operation, first, second, line: line))
            }
        }
        throw .evaluation(line: line, "\(one.kind) and \(other.kind) have no '\(operation.rawValue)'")
    }

    /// Quotients and remainders go toward minus infinity, as Python's.
    private func calculate(
        _ operation: Operator, _ one: Int, _ other: Int, line: Int
    ) throws(JinjaError) -> Value {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = one.addingReportingOverflow(other)
        case .subtract: result = one.subtractingReportingOverflow(other)
        case .multiply: result = one.multipliedReportingOverflow(by: other)
        case .divideDown, .remainder:
            guard other != 0 else { throw .evaluation(line: line, "a division by 0") }
            let (quotient, overflow) = one.dividedReportingOverflow(by: other)
            let rest = overflow ? 0 : one - quotient * other
            let isRounded = rest != 0 && (rest < 0) != (other < 0)
            if operation == .remainder { return .integer(isRounded ? rest + other : rest) }
            result = (isRounded ? quotient - 1 : quotient, overflow)
        case .power:
            guard other >= 0, other < 64 else {
                throw .evaluation(line: line, "the power \(other) is not computed here")
            }
            var power = (partialValue: 1, overflow: false)
            for _ in 0..<other where !power.overflow { power = power.partialValue.multipliedReportingOverflow(by: one) }
            result = power
        case .divide, .join: throw .evaluation(line: line, "numbers have no '\(operation.rawValue)' here")
        }
        guard !result.overflow else { throw .evaluation(line: line, "a number too large") }
        return .integer(result.partialValue)
    }

    private func calculate(_ operation: Operator, _ one: Double, _ other: Double, line: Int) throws(JinjaError)
        -> Double
    {
        switch operation {
        case .add: return one + other
        case .subtract: return one - other
        case .multiply: return one * other
        case .divide, .divideDown, .remainder:
            guard other != 0 else { throw .evaluation(line: line, "a division by 0") }
            let quotient = one / other
            if operation == .divide { return quotient }
            return operation == .divideDown ? quotient.rounded(.down) : one - quotient.rounded(.down) * other
        case .power, .join: throw .evaluation(line: line, "numbers with fractions have no '\(operation.rawValue)' here")
        }
    }

    // MARK: Comparisons

    mutating func compare(
        _ comparison: Comparison, _ one: Value, _ other: Value, line: Int
    ) throws(JinjaError) -> Bool {
        switch comparison {
        case .equal: return try equal(one, other)
        case .unequal: return !(try equal(one, other))
        case .contained: return try contains(other, one, line: line)
        case .notContained: return !(try contains(other, one, line: line))
        case .less: return try isLess(one, other, line: line)
        case .greater: return try isLess(other, one, line: line)
        case .lessOrEqual: return !(try isLess(other, one, line: line))
        case .greaterOrEqual: return !(try isLess(one, other, line: line))
        }
    }

    mutating func isLess(_ one: Value, _ other: Value, line: Int) throws(JinjaError) -> Bool {
        try read(one)
        return try Self.isLess(one, other, line: line)
    }

    /// - Precondition: one of them was read.
    static func isLess(_ one: Value, _ other: Value, line: Int) throws(JinjaError) -> Bool {
        if case .text(let first) = one, case .text(let second) = other { return first < second }
        if let first = one.number, let second = other.number { return first < second }
        if case .list(let first) = one, case .list(let second) = other {
            guard let place = zip(first, second).enumerated().first(where: { !$1.0.equals($1.1) })?.offset else {
                return first.count < second.count
            }
            return try isLess(first[place], second[place], line: line)
        }
        throw .evaluation(line: line, "\(one.kind) and \(other.kind) have no order")
    }

    mutating func contains(_ whole: Value, _ part: Value, line: Int) throws(JinjaError) -> Bool {
        switch (whole, part) {
        case (.text(let text), .text(let part)):
            try spend(text.count + part.count)
            return text.find(part) != nil
        case (.list(let values), _):
            try read(whole)
            return values.contains { $0.equals(part) }
        case (.map, .list), (.map, .map): throw .evaluation(line: line, "\(part.kind) is no key of a mapping")
        case (.map(let pairs), _):
            try read(.list(pairs.map(\.key)))
            return pairs.value(for: part) != nil
        case (.undefined, _): return false
        default: throw .evaluation(line: line, "\(part.kind) cannot be in \(whole.kind)")
        }
    }
}

extension Value {
    /// What a loop goes through; nil when there is nothing to go through.
    var items: [Value]? {
        switch self {
        case .undefined: []
        case .list(let values): values
        case .map(let pairs): pairs.map(\.key)
        case .text(let text): text.symbols.map { .text(Text(symbols: [$0])) }
        default: nil
        }
    }
}
