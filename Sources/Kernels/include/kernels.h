#ifndef BANYAN_KERNELS_H
#define BANYAN_KERNELS_H
#endif
