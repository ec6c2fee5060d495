# Has this machine a CUDA driver? Only --impure evaluation may look; pure evaluation says no. The folders are
# those that the program itself searches (src/learn/cuda/loader.cc).
builtins ? currentSystem && builtins.any (folder: builtins.pathExists "${folder}/libcuda.so.1") [
  "/run/opengl-driver/lib"
  "/usr/lib/wsl/lib"
  "/usr/lib/x86_64-linux-gnu"
  "/usr/lib/aarch64-linux-gnu"
  "/usr/lib64"
  "/usr/lib"
]
