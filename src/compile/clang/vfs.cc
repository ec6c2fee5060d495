// One llvm::vfs::FileSystem. A path is absolute after the working directory, kMount, was put before it; below kMount it
// is the pack's by its text alone, so "/pack/../etc/passwd" is asked of the pack, which has no such file.
#include "compile/clang/vfs.h"

#include <llvm/Support/MemoryBuffer.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace packscope::compile::clang {
namespace {

using llvm::ErrorOr;
using llvm::Twine;
namespace fs = llvm::sys::fs;
namespace vfs = llvm::vfs;

// Why a file of the pack cannot be read, in the compiler's message: "cannot open file 'x.h': the object cannot be read".
class DamageCategory : public std::error_category {
public:
  const char* name() const noexcept override { return "packscope"; }
  std::string message(int number) const override { return reasons_[static_cast<std::size_t>(number) - 1]; }
  std::error_code code(const char* why) {
    for (std::size_t i = 0; i < reasons_.size(); ++i)
      if (reasons_[i] == why) return {static_cast<int>(i) + 1, *this};
    reasons_.emplace_back(why);
    return {static_cast<int>(reasons_.size()), *this};
  }

private:
  std::vector<std::string> reasons_;
};
DamageCategory& damage_category() {
  static DamageCategory category;
  return category;
}

std::error_code missing() { return std::make_error_code(std::errc::no_such_file_or_directory); }

vfs::Status make_status(const Twine& name, std::uint64_t device, std::uint64_t number, std::uint64_t size, bool folder) {
  return {name, fs::UniqueID(device, number), {}, 0, 0, size, folder ? fs::file_type::directory_file : fs::file_type::regular_file,
          folder ? fs::perms::all_read | fs::perms::all_exe : fs::perms::all_read};
}

class PackFile : public vfs::File {
public:
  PackFile(vfs::Status status, std::shared_ptr<const std::string> text) : status_(std::move(status)), text_(std::move(text)) {}
  ErrorOr<vfs::Status> status() override { return status_; }
  ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const Twine& name, std::int64_t, bool, bool) override {
    return llvm::MemoryBuffer::getMemBufferCopy(*text_, name);
  }
  std::error_code close() override { return {}; }

private:
  vfs::Status status_;
  std::shared_ptr<const std::string> text_;
};

class HostFile : public vfs::File {
public:
  HostFile(int fd, vfs::Status status) : fd_(fd), status_(std::move(status)) {}
  ~HostFile() override { close(); }
  HostFile(const HostFile&) = delete;
  HostFile& operator=(const HostFile&) = delete;

  ErrorOr<vfs::Status> status() override { return status_; }
  ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const Twine& name, std::int64_t size, bool null_terminated, bool is_volatile) override {
    return llvm::MemoryBuffer::getOpenFile(fd_, name, size < 0 ? status_.getSize() : static_cast<std::uint64_t>(size), null_terminated, is_volatile);
  }
  std::error_code close() override {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    return {};
  }

private:
  int fd_;
  vfs::Status status_;
};

class Listing : public vfs::detail::DirIterImpl {
public:
  Listing(std::string folder, std::vector<SourceTree::Name> names) : folder_(std::move(folder)), names_(std::move(names)) { show(); }
  std::error_code increment() override {
    ++at_;
    show();
    return {};
  }

private:
  void show() {
    if (at_ == names_.size()) CurrentEntry = vfs::directory_entry();
    else CurrentEntry = vfs::directory_entry(folder_ + "/" + names_[at_].name, names_[at_].kind == NodeKind::folder ? fs::file_type::directory_file : fs::file_type::regular_file);
  }
  std::string folder_;
  std::vector<SourceTree::Name> names_;
  std::size_t at_ = 0;
};

class Overlay : public vfs::FileSystem {
public:
  Overlay(Files& files, const HostFolders* host, const Sandbox* sandbox) : files_(files), host_(host), sandbox_(sandbox) {}

  ErrorOr<vfs::Status> status(const Twine& given) override {
    const std::string name = given.str(), path = absolute(name);
    if (const std::optional<std::string> inside = in_pack(path)) {
      const Files::Status found = files_.status(*inside);
      if (found.kind == NodeKind::damaged) return damage_category().code(found.why);
      if (found.kind != NodeKind::file && found.kind != NodeKind::folder) return missing();
      return make_status(name, kPackDevice, found.number, found.size, found.kind == NodeKind::folder);
    }
    const std::optional<std::string> host = on_host(path, true);
    struct stat known;
    if (!host || ::stat(host->c_str(), &known) != 0) return missing();
    if (!S_ISREG(known.st_mode) && !S_ISDIR(known.st_mode)) return missing();
    return make_status(name, known.st_dev, known.st_ino, static_cast<std::uint64_t>(known.st_size), S_ISDIR(known.st_mode));
  }

  ErrorOr<std::unique_ptr<vfs::File>> openFileForRead(const Twine& given) override {
    const std::string name = given.str(), path = absolute(name);
    ErrorOr<vfs::Status> known = status(given);
    if (!known) return known.getError();
    if (!known->isRegularFile()) return std::make_error_code(std::errc::is_a_directory);
    if (const std::optional<std::string> inside = in_pack(path)) {
      std::shared_ptr<const std::string> text = files_.read(*inside);
      if (text == nullptr) return std::make_error_code(std::errc::io_error);
      return std::make_unique<PackFile>(vfs::Status::copyWithNewSize(*known, text->size()), std::move(text));
    }
    const std::optional<std::string> host = on_host(path, false);
    if (!host) return missing();
    const int fd = sandbox_ != nullptr ? sandbox_->open(*host) : -1;
    if (fd < 0) return std::error_code(sandbox_ != nullptr ? errno : EACCES, std::generic_category());
    return std::make_unique<HostFile>(fd, std::move(*known));
  }

  vfs::directory_iterator dir_begin(const Twine& given, std::error_code& error) override {
    error = {};
    const std::string path = absolute(given.str());
    if (const std::optional<std::string> inside = in_pack(path)) {
      std::vector<SourceTree::Name> names;
      files_.list(*inside, names);
      if (names.empty()) return {};
      return vfs::directory_iterator(std::make_shared<Listing>(path, std::move(names)));
    }
    // Only the driver lists folders of this machine: where its compilers and their headers are.
    if (sandbox_ == nullptr) return real_->dir_begin(path, error);
    error = missing();
    return {};
  }

  std::error_code setCurrentWorkingDirectory(const Twine&) override { return std::make_error_code(std::errc::operation_not_permitted); }
  ErrorOr<std::string> getCurrentWorkingDirectory() const override { return std::string(kMount); }
  std::error_code getRealPath(const Twine& given, llvm::SmallVectorImpl<char>& out) override {
    const std::string path = absolute(given.str());
    const std::string plain = in_pack(path) ? path : plain_path(path);
    out.assign(plain.begin(), plain.end());
    return {};
  }

private:
  static constexpr std::uint64_t kPackDevice = ~std::uint64_t{0};

  static std::string absolute(const std::string& path) { return path.starts_with('/') ? path : std::string(kMount) + "/" + path; }
  static std::optional<std::string> in_pack(const std::string& path) {
    const std::string_view mount = kMount;
    const std::size_t begin = path.find_first_not_of('/') == std::string::npos ? 0 : path.find_first_not_of('/') - 1;
    const std::string_view rest = std::string_view(path).substr(begin);
    if (!rest.starts_with(mount) || (rest.size() > mount.size() && rest[mount.size()] != '/')) return std::nullopt;
    return std::string(rest.substr(mount.size()));
  }
  std::optional<std::string> on_host(const std::string& path, bool look) const {
    std::string plain = plain_path(path);
    if (in_pack(plain)) return std::nullopt; // "/usr/../pack": neither here nor there
    if (host_ == nullptr) return plain;
    if (std::optional<std::string> file = host_->file(plain)) return file;
    return look && host_->leads_to(plain) ? std::optional(plain) : std::nullopt;
  }

  Files& files_;
  const HostFolders* host_;
  const Sandbox* sandbox_;
  llvm::IntrusiveRefCntPtr<vfs::FileSystem> real_ = vfs::getRealFileSystem();
};

} // namespace

llvm::IntrusiveRefCntPtr<vfs::FileSystem> driver_files(Files& files) { return new Overlay(files, nullptr, nullptr); }
llvm::IntrusiveRefCntPtr<vfs::FileSystem> compiler_files(Files& files, const HostFolders& host, const Sandbox& sandbox) {
  return new Overlay(files, &host, &sandbox);
}

} // namespace packscope::compile::clang
