// Everything of one instruction set; isa_*.c set LANES, ROWS, NAME and TABLE before.
#include "vector.h"
#include "functions.h"
#include "blocking.h"
#include "gemm_tile.h"
#include "gemm_pack.h"
#include "gemm.h"
#include "channelwise.h"
#include "pointwise.h"
#include "conv3x3.h"
#include "conv3x3_thin.h"
#include "winograd.h"
#include "conv3x3_winograd.h"
#include "conv3x3_dense.h"
#include "depthwise_rows.h"
#include "depthwise.h"
#include "norm.h"
#include "elementwise.h"
#include "moves.h"
#include "pooling.h"
#include "gather.h"
#include "resize.h"
#include "activations.h"
#include "bias_free_norm.h"
#include "channel_attention.h"
#include "window_attention.h"
#include "optimizer.h"
#include "nafblock.h"
#include "nafblock_grad.h"

const dk_table TABLE = {
    .name = NAME,
    .lanes = LANES,
    .gemm = gemm,
    .pointwise_grad = pointwise_grad,
    .conv3x3 = conv3x3,
    .conv3x3_grad_input = conv3x3_grad_input,
    .conv3x3_grad_weight = conv3x3_grad_weight,
    .depthwise3x3 = depthwise3x3,
    .depthwise3x3_grad_input = depthwise3x3_grad_input,
    .depthwise3x3_grad_weight = depthwise3x3_grad_weight,
    .depthwise_gate = depthwise_gate,
    .depthwise_gate_grad = depthwise_gate_grad,
    .depthwise_gelu_gate = depthwise_gelu_gate,
    .depthwise_gelu_gate_grad = depthwise_gelu_gate_grad,
    .layer_norm = layer_norm,
    .layer_norm_grad = layer_norm_grad,
    .gate = gate,
    .gate_grad = gate_grad,
    .column_sum = column_sum,
    .image_mean = image_mean,
    .image_spread = image_spread,
    .scale_channels = scale_channels,
    .scale_channels_grad = scale_channels_grad,
    .shift_channels = shift_channels,
    .scaled_residual = scaled_residual,
    .scaled_residual_grad = scaled_residual_grad,
    .add = add,
    .multiply = multiply,
    .axpy = axpy,
    .scale = scale,
    .dot = dot,
    .sum_absolute_difference = sum_absolute_difference,
    .sign_difference = sign_difference,
    .sum_squared_difference = sum_squared_difference,
    .relu = relu,
    .relu_grad = relu_grad,
    .all_finite = all_finite,
    .space_to_depth = space_to_depth,
    .depth_to_space = depth_to_space,
    .pixel_unshuffle = pixel_unshuffle,
    .pixel_shuffle = pixel_shuffle,
    .copy_channels = copy_channels,
    .max_pool2 = max_pool2,
    .max_pool2_grad = max_pool2_grad,
    .gather = gather,
    .gather_grad = gather_grad,
    .local_mean = local_mean,
    .local_mean_grad = local_mean_grad,
    .bilinear = bilinear,
    .bilinear_grad = bilinear_grad,
    .gelu = gelu,
    .gelu_grad = gelu_grad,
    .leaky_relu = leaky_relu,
    .leaky_relu_grad = leaky_relu_grad,
    .softmax = softmax,
    .softmax_grad = softmax_grad,
    .bias_free_norm = bias_free_norm,
    .bias_free_norm_grad = bias_free_norm_grad,
    .channel_attention = channel_attention,
    .channel_attention_grad = channel_attention_grad,
    .window_attention = window_attention,
    .window_attention_grad = window_attention_grad,
    .naf_block = naf_block,
    .naf_block_grad = naf_block_grad,
    .adamw = adamw,
    .ema = ema,
};
