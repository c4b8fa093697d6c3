"""TensorRT: plans built for this machine and run on CUDA streams."""
