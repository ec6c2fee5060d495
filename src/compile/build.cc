// Each unit and the linker in a child process of its own.
#include "compile/build.h"

#include <fcntl.h>

namespace packscope::compile {
namespace {

std::string with_end(Child& child, const std::string& what) {
  std::string messages = child.messages.text();
  if (!child.ended.empty()) messages += "packscope: " + what + ": the compiler " + child.ended + "\n";
  return messages;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;) {
    const std::size_t end = at + from.size();
    if (end < text.size() && text[end] >= '0' && text[end] <= '9') { // another, longer number
      at = end;
      continue;
    }
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

} // namespace

std::optional<bool> is_cplusplus(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  const std::string_view end = dot == std::string_view::npos ? "" : path.substr(dot);
  if (end == ".c") return false;
  for (const std::string_view known : {".cc", ".cpp", ".cxx", ".c++", ".C", ".cp", ".CPP"})
    if (end == known) return true;
  return std::nullopt;
}

Result<bool> compile_units(Backend& backend, const std::vector<Unit>& units, const BuildOptions& options, const std::function<void(CompiledUnit)>& done) {
  bool all = true;
  const Result<void> ran = run_children(
      units.size(), {.at_once = options.threads, .memory = options.memory}, [&](std::size_t i, const MemoryFile& object) { return backend.compile(units[i], options.host, object); },
      [&](std::size_t i, Child child) {
        const bool ok = child.status == 0;
        all = all && ok;
        std::string messages = with_end(child, units[i].path);
        if (!ok && !messages.empty() && messages.find(units[i].path) == std::string::npos) messages += "packscope: " + units[i].path + ": not compiled\n";
        if (!ok && messages.empty()) messages = "packscope: " + units[i].path + ": the compiler ended with " + std::to_string(child.status) + " and no message\n";
        done({units[i], ok, std::move(messages), std::move(child.output)});
      });
  if (!ran) return std::unexpected(ran.error());
  return all;
}

Result<Linked> link_objects(Backend& backend, const std::vector<Unit>& units, const std::vector<MemoryFile>& objects, const BuildOptions& options) {
  std::vector<Backend::Object> named;
  bool cplusplus = false;
  for (std::size_t i = 0; i < units.size(); ++i) {
    named.push_back({objects[i].fd(), units[i].path + ".o"});
    cplusplus = cplusplus || units[i].cplusplus;
  }
  Result<Linked> linked = fail("not linked");
  const Result<void> ran = run_children(
      1, {.memory = options.memory}, [&](std::size_t, const MemoryFile& executable) { return backend.link(named, options.link_flags, cplusplus, executable); },
      [&](std::size_t, Child child) {
        std::string messages = with_end(child, "link");
        for (std::size_t i = 0; i < units.size(); ++i) replace_all(messages, objects[i].path(), named[i].name);
        if (child.status != 0 && messages.empty()) messages = "packscope: the linker ended with " + std::to_string(child.status) + " and no message\n";
        linked = Linked{child.status == 0, std::move(messages), std::move(child.output)};
      });
  if (!ran) return std::unexpected(ran.error());
  return linked;
}

} // namespace packscope::compile
