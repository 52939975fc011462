/* A literal loop for the smallest networks: one hidden layer of tanh nodes, one sigmoid output, cross-entropy.

   What a compiler makes of plain code, with nothing called and nothing allocated: the limit that a library
   called step by step can be measured against. Sizes and number type are known when it is compiled:

       gcc -O3 -march=native -DREAL=double -DINPUTS=6 -DHIDDEN=10 network.c -lm
       ./a.out TABLE ROWS EPOCHS BATCH RATE sgd|adam clock|cpu

   TABLE holds ROWS x (INPUTS, a target of 0 or 1) doubles. Rows are taken in a new order each epoch, unless
   all are one batch. Prints the seconds of all epochs and the mean error after them. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>
#include <time.h>

#define FIRST ((INPUTS + 1) * HIDDEN)
#define WEIGHTS (FIRST + HIDDEN + 1)

/* Weights by input (the bias last), then by hidden node: the inner loops run over nodes. Then the output's. */
static REAL weights[WEIGHTS], gradient[WEIGHTS], first[WEIGHTS], second[WEIGHTS];
static uint64_t state = 88172645463325252u;

static uint64_t drawn(void) { /* xorshift, G. Marsaglia 2003 */
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static REAL logit_of(const REAL *input, REAL *hidden) {
    for (int node = 0; node < HIDDEN; node++) hidden[node] = weights[INPUTS * HIDDEN + node];
    for (int i = 0; i < INPUTS; i++)
        for (int node = 0; node < HIDDEN; node++) hidden[node] += weights[i * HIDDEN + node] * input[i];
    REAL logit = weights[FIRST + HIDDEN];
    for (int node = 0; node < HIDDEN; node++) {
        hidden[node] = tanh(hidden[node]);
        logit += weights[FIRST + node] * hidden[node];
    }
    return logit;
}

static void add_gradient(const REAL *input, REAL target) {
    REAL hidden[HIDDEN], delta[HIDDEN];
    REAL off = 1 / (1 + exp(-logit_of(input, hidden))) - target;
    for (int node = 0; node < HIDDEN; node++) {
        gradient[FIRST + node] += off * hidden[node];
        delta[node] = off * weights[FIRST + node] * (1 - hidden[node] * hidden[node]);
    }
    gradient[FIRST + HIDDEN] += off;
    for (int i = 0; i < INPUTS; i++)
        for (int node = 0; node < HIDDEN; node++) gradient[i * HIDDEN + node] += delta[node] * input[i];
    for (int node = 0; node < HIDDEN; node++) gradient[INPUTS * HIDDEN + node] += delta[node];
}

static void sgd(REAL rate) {
    for (int w = 0; w < WEIGHTS; w++) weights[w] -= rate * gradient[w];
}

static void adam(REAL rate, long step) {
    REAL scale = rate / (1 - pow((REAL)0.9, (REAL)step)), spread = 1 - pow((REAL)0.999, (REAL)step);
    for (int w = 0; w < WEIGHTS; w++) {
        first[w] = (REAL)0.9 * first[w] + (REAL)0.1 * gradient[w];
        second[w] = (REAL)0.999 * second[w] + (REAL)0.001 * gradient[w] * gradient[w];
        weights[w] -= scale * first[w] / (sqrt(second[w] / spread) + (REAL)1e-8);
    }
}

int main(int count, char **words) {
    if (count != 8) return 2;
    int rows = atoi(words[2]), epochs = atoi(words[3]), batch = atoi(words[4]);
    REAL rate = atof(words[5]);
    int with_adam = !strcmp(words[6], "adam");
    REAL(*inputs)[INPUTS] = malloc(rows * sizeof *inputs);
    REAL *targets = malloc(rows * sizeof *targets);
    int *order = malloc(rows * sizeof *order);
    FILE *file = fopen(words[1], "rb");
    if (!inputs || !targets || !order || !file) return 1;
    for (int row = 0; row < rows; row++) {
        double line[INPUTS + 1];
        if (fread(line, sizeof line, 1, file) != 1) return 1;
        for (int i = 0; i < INPUTS; i++) inputs[row][i] = line[i];
        targets[row] = line[INPUTS];
        order[row] = row;
    }
    double bound[2] = {sqrt(6.0 / (INPUTS + HIDDEN)), sqrt(6.0 / (HIDDEN + 1))};
    for (int w = 0; w < WEIGHTS; w++) {
        int is_bias = (w >= INPUTS * HIDDEN && w < FIRST) || w == WEIGHTS - 1;
        weights[w] = is_bias ? 0 : bound[w >= FIRST] * (2.0 * (drawn() >> 11) / (1ull << 53) - 1.0);
    }
    clockid_t clock_kind = strcmp(words[7], "cpu") ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID;
    struct timespec begun, ended;
    clock_gettime(clock_kind, &begun);
    long step = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
        for (int row = rows - 1; row > 0 && batch < rows; row--) {
            int other = drawn() % (row + 1), here = order[row];
            order[row] = order[other];
            order[other] = here;
        }
        for (int start = 0; start < rows; start += batch) {
            int stop = start + batch < rows ? start + batch : rows;
            memset(gradient, 0, sizeof gradient);
            for (int place = start; place < stop; place++) add_gradient(inputs[order[place]], targets[order[place]]);
            for (int w = 0; w < WEIGHTS; w++) gradient[w] /= stop - start;
            if (with_adam) adam(rate, ++step);
            else sgd(rate);
        }
    }
    clock_gettime(clock_kind, &ended);
    double error = 0, seconds = ended.tv_sec - begun.tv_sec + 1e-9 * (ended.tv_nsec - begun.tv_nsec);
    for (int row = 0; row < rows; row++) {
        REAL hidden[HIDDEN];
        double logit = logit_of(inputs[row], hidden);
        error += log1p(exp(targets[row] > 0 ? -logit : logit)) / rows;
    }
    printf("{\"seconds\": %.9g, \"error\": %.9g}\n", seconds, error);
    return 0;
}
