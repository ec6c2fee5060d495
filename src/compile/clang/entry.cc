// The module's one symbol. clang's own driver turns flags into a compiler invocation and a linker's arguments, so that
// both are what `clang` would do with them on a checkout.
#include "compile/clang/link.h"
#include "compile/clang/vfs.h"

#include <clang/Basic/Version.h>
#include <clang/Driver/Compilation.h>
#include <clang/Driver/Driver.h>
#include <clang/Driver/Job.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/TextDiagnosticPrinter.h>
#include <clang/FrontendTool/Utils.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/TargetParser/Host.h>

#include <unistd.h>

#include <cstdio>

namespace packscope::compile::clang {
namespace {

constexpr const char* kProgram = PACKSCOPE_CLANG_PROGRAM;
constexpr const char* kResources = PACKSCOPE_CLANG_RESOURCES;

// Flags that this program was built with, between spaces.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) all.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

[[noreturn]] void give_up(void*, const char* reason, bool) { // no exit handlers: they are the parent's
  llvm::errs() << "fatal error: " << reason << "\n";
  llvm::errs().flush();
  ::_exit(static_cast<int>(Outcome::refused));
}

void wake() {
  llvm::install_fatal_error_handler(give_up);
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::InitializeNativeTargetAsmParser();
}

Outcome failed(const std::string& why) {
  llvm::errs() << "packscope: " << why << "\n";
  return Outcome::failed;
}

// clang's driver with the arguments of one command line.
class Driven {
public:
  Driven(Files& files, const std::vector<std::string>& arguments) : options_(new ::clang::DiagnosticOptions) {
    for (const std::string& argument : arguments) argv_.push_back(argument.c_str());
    auto* printer = new ::clang::TextDiagnosticPrinter(llvm::errs(), options_.get());
    printer->setPrefix("clang");
    diagnostics_ = std::make_unique<::clang::DiagnosticsEngine>(new ::clang::DiagnosticIDs, options_, printer);
    driver_ = std::make_unique<::clang::driver::Driver>(kProgram, llvm::sys::getDefaultTargetTriple(), *diagnostics_, "packscope", driver_files(files));
    driver_->ResourceDir = kResources;
    compilation_.reset(driver_->BuildCompilation(argv_));
  }
  // Its one job; null with diagnostics printed.
  const ::clang::driver::Command* job() const {
    if (compilation_ == nullptr || diagnostics_->hasErrorOccurred() || compilation_->getJobs().size() != 1) return nullptr;
    return &*compilation_->getJobs().begin();
  }

private:
  std::vector<const char*> argv_;
  llvm::IntrusiveRefCntPtr<::clang::DiagnosticOptions> options_;
  std::unique_ptr<::clang::DiagnosticsEngine> diagnostics_;
  std::unique_ptr<::clang::driver::Driver> driver_;
  std::unique_ptr<::clang::driver::Compilation> compilation_;
};

// Folders of system headers that the driver found by itself, and clang's own headers.
HostFolders system_folders(const HostFolders& host, llvm::ArrayRef<const char*> arguments) {
  HostFolders all = host;
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    const std::string_view flag = arguments[i];
    if (flag == "-internal-isystem" || flag == "-internal-externc-isystem") all.allow(arguments[i + 1]);
  }
  all.allow(std::string(kResources) + "/include");
  const std::vector<std::string> own = words(PACKSCOPE_CLANG_COMPILE_FLAGS);
  for (std::size_t i = 0; i + 1 < own.size(); ++i)
    if (own[i] == "-isystem" || own[i] == "-idirafter") all.allow(own[i + 1]);
  return all;
}

class ClangModule : public Module {
public:
  std::string version() const override { return "clang " CLANG_VERSION_STRING; }

  Outcome compile(const std::string& unit, const std::vector<std::string>& flags, Files& files, const HostFolders& host, int object_fd) override {
    wake();
    std::vector<std::string> arguments = {kProgram, "--no-default-config", "-c"};
    for (std::string& own : words(PACKSCOPE_CLANG_COMPILE_FLAGS)) arguments.push_back(std::move(own));
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.insert(arguments.end(), {"-o", "-", "--", unit});
    const Driven driven(files, arguments);
    const ::clang::driver::Command* job = driven.job();
    if (job == nullptr) return Outcome::refused;
    const llvm::opt::ArgStringList& list = job->getArguments();
    if (list.empty() || std::string_view(list.front()) != "-cc1") return failed(unit + ": no source of C or C++");
    const HostFolders folders = system_folders(host, list);

    const Result<Sandbox> sandbox = Sandbox::enter();
    if (!sandbox) return failed("no sources are compiled unguarded: " + sandbox.error().text());

    ::clang::CompilerInstance instance;
    llvm::IntrusiveRefCntPtr<::clang::DiagnosticOptions> early(new ::clang::DiagnosticOptions);
    ::clang::DiagnosticsEngine parsing(new ::clang::DiagnosticIDs, early, new ::clang::TextDiagnosticPrinter(llvm::errs(), early.get()));
    if (!::clang::CompilerInvocation::CreateFromArgs(instance.getInvocation(), llvm::ArrayRef(list).drop_front(), parsing, kProgram)) return Outcome::refused;
    instance.createDiagnostics();
    instance.createFileManager(compiler_files(files, folders, *sandbox));
    instance.setOutputStream(std::make_unique<llvm::raw_fd_ostream>(object_fd, false));
    const bool done = ::clang::ExecuteCompilerInvocation(&instance);
    llvm::errs().flush();
    return done ? Outcome::done : Outcome::refused;
  }

  Outcome link(const std::vector<std::string>& objects, const std::vector<std::string>& flags, bool cplusplus, int executable_fd) override {
    wake();
    class None : public Files { // objects and libraries lie on this machine
      Status status(const std::string&) override { return {}; }
      std::shared_ptr<const std::string> read(const std::string&) override { return nullptr; }
      void list(const std::string&, std::vector<SourceTree::Name>&) override {}
    } none;
    // The driver looks for the linker's program, which is this one.
    std::vector<std::string> arguments = {kProgram, "--no-default-config", "-fuse-ld=lld", "--ld-path=/proc/self/exe"};
    for (std::string& own : words(PACKSCOPE_CLANG_LINK_FLAGS)) arguments.push_back(std::move(own));
    if (cplusplus) arguments.insert(arguments.begin() + 1, "--driver-mode=g++");
    arguments.insert(arguments.end(), objects.begin(), objects.end());
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.insert(arguments.end(), {"-o", "-"});
    const Driven driven(none, arguments);
    const ::clang::driver::Command* job = driven.job();
    if (job == nullptr) return Outcome::refused;
    std::vector<const char*> linker = {"ld.lld"};
    linker.insert(linker.end(), job->getArguments().begin(), job->getArguments().end());
    // Sources may ask for libraries by path (#pragma comment(lib, …)): only the command line is asked.
    linker.push_back("--no-dependent-libraries");
    if (::dup2(executable_fd, STDOUT_FILENO) < 0) return failed("dup2");
    return link_with_lld(linker) ? Outcome::done : Outcome::refused;
  }
};

} // namespace
} // namespace packscope::compile::clang

extern "C" [[gnu::visibility("default")]] packscope::compile::clang::Entry packscope_clang_module_1;

packscope::compile::clang::Module* packscope_clang_module_1() {
  static packscope::compile::clang::ClangModule module;
  return &module;
}
