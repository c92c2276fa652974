import API
import Foundation
import Testing

@Suite struct ProblemTests {
    @Test func theJSONHasTheFieldsOfProblemDetails() throws {
        let problem = Problem("unauthorized", status: 401, "A token is needed.", remedy: "Set one.")
        let fields = try fields(of: problem)
        #expect(Set(fields.keys) == ["type", "status", "detail", "remedy"])
        #expect(fields["type"] as? String == "unauthorized")
        #expect(fields["status"] as? Int == 401)
        #expect(fields["detail"] as? String == "A token is needed.")
        #expect(fields["remedy"] as? String == "Set one.")
        try expectRoundTrip(problem)
    }

    @Test func aProblemWithoutARemedyHasNoSuchField() throws {
        let problem = Problem("internal", status: 500, "It broke.")
        #expect(Set(try fields(of: problem).keys) == ["type", "status", "detail"])
        try expectRoundTrip(problem)
    }

    @Test func itSaysWhatIsWrongAndThenWhatToDo() {
        #expect("\(Problem("a", status: 400, "It is wrong."))" == "It is wrong.")
        #expect("\(Problem("a", status: 400, "It is wrong.", remedy: "Mend it."))" == "It is wrong.\nMend it.")
    }

    @Test func theCommonProblemsHaveTheirStatus() {
        #expect(Problem.notFound("x") == Problem("not-found", status: 404, "x"))
        #expect(Problem.invalid("x", remedy: "y") == Problem("invalid", status: 400, "x", remedy: "y"))
        #expect(Problem.refused("x") == Problem("refused", status: 409, "x"))
    }
}
