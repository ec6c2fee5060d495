// Manual pages (man(7)) and completions from the commands' own options; see manual.h.
#include "tools/manual.h"

#include "base/output_file.h"
#include "tools/commands.h"

namespace packscope::tools {
namespace {

// Escapes what roff would read as a request or a hyphen.
std::string roff(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    if (byte == '\\') out += "\\e";
    else if (byte == '-') out += "\\-";
    else out += byte;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  std::vector<const CLI::Option*> all;
  for (const CLI::Option* option : app.get_options()) all.push_back(option);
  return all;
}

// Calls `visit` for the app and, depth first, its groups and subcommands.
void for_each_app(const CLI::App& app, const std::function<void(const CLI::App&)>& visit) {
  visit(app);
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) for_each_app(*below, visit);
}

// What it takes: "FILE", empty for a flag. CLI11 puts what is checked behind a colon.
std::string argument(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0 || option.get_positional()) return "";
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

std::string page(const Command& command, const CLI::App& app) {
  std::string dashed = command.name;
  std::string text = ".TH PACKSCOPE\\-" + roff(dashed) + " 1 \"\" \"packscope " PACKSCOPE_VERSION "\"\n.SH NAME\npackscope\\-" +
                     roff(dashed) + " \\- " + roff(command.purpose) + "\n.SH SYNOPSIS\n.B packscope " + roff(dashed) +
                     "\n[OPTION...] PATH...\n";
  for_each_app(app, [&](const CLI::App& part) {
    const bool nested = &part != &app;
    text += nested ? ".SS " + roff(part.get_name().empty() ? part.get_group() : part.get_name()) + "\n" +
                         roff(part.get_description()) + "\n"
                   : std::string(".SH OPTIONS\n");
    for (const CLI::Option* option : options_of(part))
      text += ".TP\n.B " + roff(option->get_name(true, true)) +
              (argument(*option).empty() ? "" : " \\fI" + roff(argument(*option)) + "\\fR") + "\n" + roff(option->get_description()) + "\n";
  });
  return text + ".SH EXAMPLE\n.nf\n" + roff(command.example) +
         "\n.fi\n.SH EXIT STATUS\n0: all read. 1: something could not be read; the rest was processed. 2: wrong usage.\n"
         ".SH SEE ALSO\n.BR packscope (1)\n";
}

// All long and short flags of a command, subcommands' names too: "--json --rev train".
std::string words(const CLI::App& app) {
  std::string out;
  for_each_app(app, [&](const CLI::App& part) {
    if (&part != &app && part.get_parent() == &app && !part.get_name().empty() && part.get_name() != "Scope")
      out += part.get_name() + " ";
    for (const CLI::Option* option : options_of(part)) {
      for (const std::string& name : option->get_lnames()) out += "--" + name + " ";
    }
  });
  if (!out.empty()) out.pop_back();
  return out;
}

} // namespace

int write_manual(const std::string& folder) {
  Report report;
  const auto put = [&](const std::string& name, const std::string& text) {
    if (const Result<void> written = write_whole(folder + "/" + name, text); !written) report.error(written.error());
  };
  std::string index = ".TH PACKSCOPE 1 \"\" \"packscope " PACKSCOPE_VERSION
                      "\"\n.SH NAME\npackscope \\- read what is in git packs where they lie\n.SH SYNOPSIS\n"
                      ".B packscope\nCOMMAND [OPTION...] PATH...\n.SH COMMANDS\n";
  std::string names, bash, zsh, fish;
  for (const Command& command : commands()) {
    CLI::App app(command.purpose, command.name);
    command.configure(app);
    put(std::string("packscope-") + command.name + ".1", page(command, app));
    index += ".TP\n.BR packscope\\-" + roff(command.name) + " (1)\n" + roff(command.purpose) + "\n";
    names += std::string(names.empty() ? "" : " ") + command.name;
    bash += std::string("    ") + command.name + ") words=\"" + words(app) + "\" ;;\n";
    zsh += std::string("    '") + command.name + ":" + command.purpose + "'\n";
    fish += std::string("complete -c packscope -n __fish_use_subcommand -a ") + command.name + " -d '" +
            command.purpose + "'\n";
    for (std::string all = words(app) + " "; !all.empty(); all.erase(0, all.find(' ') + 1)) {
      const std::string word = all.substr(0, all.find(' '));
      if (word.starts_with("--"))
        fish += std::string("complete -c packscope -n '__fish_seen_subcommand_from ") + command.name + "' -l " +
                word.substr(2) + "\n";
    }
  }
  put("packscope.1", index);
  put("packscope.bash", "# bash completion of packscope\n_packscope() {\n  local words=\"" + names +
                            "\" word=${COMP_WORDS[COMP_CWORD]}\n  [ \"$COMP_CWORD\" -eq 1 ] || case ${COMP_WORDS[1]//-/_} in\n" + bash +
                            "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
                            "complete -o default -F _packscope packscope\n");
  put("_packscope", "#compdef packscope\n_packscope() {\n  local -a commands=(\n" + zsh +
                        "  )\n  if ((CURRENT == 2)); then _describe command commands; else _files; fi\n}\n_packscope \"$@\"\n");
  put("packscope.fish", "# fish completion of packscope\n" + fish);
  return report.exit_code();
}

} // namespace packscope::tools
