# The commands that the program has, each an app of the flake: its name there, the name it is
# installed under, what it does. A command that is added to src/tools/ is added here, and nowhere else.
{
  ast-classifier = { program = "ast_classifier"; description = "Train, evaluate and run networks that read compressed source"; };
  build-graph = { program = "build_graph"; description = "Join the dependencies of many repositories into one graph"; };
  compiler-lattice = { program = "compiler_lattice"; description = "Order the compilers from mes to LLVM by what they accept"; };
  compression-lattice = { program = "compression_lattice"; description = "Tell which encoder wrote each stream, and what levels cost"; };
  decompress-rounds = { program = "decompress_rounds"; description = "Measure what each rung of compressed bytes tells"; };
  findings = { program = "findings"; description = "Measure the original experiment's claims again"; };
  pack2cargo = { program = "pack2cargo"; description = "Read every Cargo.toml and Cargo.lock of a pack"; };
  pack2git = { program = "pack2git"; description = "Find every git-like url in any text of a pack"; };
  pack2gitmodules = { program = "pack2gitmodules"; description = "Read every .gitmodules of a pack"; };
  pack2lattice = { program = "pack2lattice"; description = "Join what many packs say of compressed bytes, and explain blobs by it"; };
  pack2nix = { program = "pack2nix"; description = "Read every flake.nix and flake.lock of a pack"; };
  pack2regex = { program = "pack2regex"; description = "Find what repeats in any files, as regexes and YARA rules"; };
  pack-compiler = { program = "pack_compiler"; description = "Outline, tokenise and predict the source in a pack"; };
  stat = { program = "stat"; description = "Count and verify what is in a pack"; };
  trace = { program = "trace"; description = "Trace every compressed bit of a pack to its token and declaration"; };
}
