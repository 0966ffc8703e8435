"""Four ways to compute W ⋆ x, in NumPy, to be read and to be compared with: a loop, one matrix product of patches, the Fourier
transform, one matrix for the whole map. All take what `functions.convolution.convolve` takes for one example in the plane:
W (O, C/groups, k, l), x (C, H, W), a stride, a padding, a dilation, groups.
"""

KIND = "convolution"
