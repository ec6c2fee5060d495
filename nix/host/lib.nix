# The functions of nixpkgs' lib that flake.nix and nix/ use, under nixpkgs' names and with its meaning.
let
  lib = rec {
    inherit (builtins) attrNames attrValues concatLists concatMap concatStringsSep elem elemAt filter foldl' fromJSON
      functionArgs isAttrs isFunction isList length listToAttrs map mapAttrs pathExists readFile
      replaceStrings stringLength substring toJSON any all;
    nameValuePair = name: value: { inherit name value; };
    genAttrs = names: f: listToAttrs (map (n: nameValuePair n (f n)) names);
    filterAttrs = p: s: listToAttrs (map (n: nameValuePair n s.${n}) (filter (n: p n s.${n}) (attrNames s)));
    mapAttrs' = f: s: listToAttrs (map (n: f n s.${n}) (attrNames s));
    mapAttrsToList = f: s: map (n: f n s.${n}) (attrNames s);
    getAttrs = names: s: genAttrs names (n: s.${n});
    importJSON = p: fromJSON (readFile p);
    optional = c: x: if c then [ x ] else [ ];
    optionals = c: xs: if c then xs else [ ];
    optionalString = c: s: if c then s else "";
    optionalAttrs = c: s: if c then s else { };
    flatten = x: if isList x then concatMap flatten x else [ x ];
    hasPrefix = p: s: substring 0 (stringLength p) s == p;
    splitString = sep: s: filter (x: !isList x) (builtins.split (escape sep) s);
    escape = replaceStrings [ "." "+" "*" "?" "(" ")" "[" "]" "|" ] [ "\\." "\\+" "\\*" "\\?" "\\(" "\\)" "\\[" "\\]" "\\|" ];
    concatMapStringsSep = sep: f: xs: concatStringsSep sep (map f xs);
    concatMapStrings = concatMapStringsSep "";
    makeBinPath = concatMapStringsSep ":" (p: "${p}/bin");
    getExe = p: getExe' p (p.meta.mainProgram or p.pname or p.name);
    getExe' = p: n: "${p}/bin/${n}";
    mesonOption = n: v: "-D${n}=${v}";
    mesonBool = n: c: mesonOption n (if c then "true" else "false");
    # A fileset is a list of paths here; a path under one of them, or above one of them, is in.
    fileset = {
      unions = flatten;
      maybeMissing = p: optional (pathExists p) p;
      toSource = { root, fileset }:
        let
          top = toString root;
          paths = map toString (flatten fileset);
          keep = s: any (p: s == p || hasPrefix (p + "/") s || hasPrefix (s + "/") p) paths;
        in
        builtins.path { path = root; name = "source"; filter = s: _: s == top || keep s; };
    };
    callPackageWith = auto: fn: args:
      let
        f = if isFunction fn then fn else import fn;
        wanted = functionArgs f;
        r = f (builtins.intersectAttrs wanted auto // args);
      in
      if isAttrs r then r // { override = new: callPackageWith auto f (args // new); } else r;
    licenses.mit = { shortName = "mit"; spdxId = "MIT"; free = true; };
    platforms.linux = systems.flakeExposed;
    systems.flakeExposed = [ "x86_64-linux" "aarch64-linux" ];
  };
in
lib
