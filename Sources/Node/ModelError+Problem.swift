package import API
import Foundation
package import Models

extension Problem {
    /// A file or a model that cannot be used, in words.
    package init(_ error: ModelError) {
        self =
            switch error {
            case .gguf(let path, let reason):
                .invalid("'\(path)' is no usable model: \(reason).", remedy: "Fetch it again, or choose another file.")
            case .fileUnreadable(let path, let code):
                .invalid("'\(path)' cannot be read: \(unsafe String(cString: strerror(code))).")
            case .fileChanged(let path):
                .invalid(
                    "'\(path)' was changed while it was in use.",
                    remedy: ModelFileWatch.remedy)
            case .chatTemplate(let reason):
                .invalid(
                    "The model's chat template does not write this conversation down: \(reason).",
                    remedy: "Write the prompt yourself and send it as plain text.")
            default: .invalid("\(error)")
            }
    }
}
