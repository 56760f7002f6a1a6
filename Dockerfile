# Dockerfile - the command in an image: docker build -t llava-check .
#              docker run --rm -v "$PWD/raw:/data" llava-check /data

FROM debian:12-slim AS build
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        cmake ninja-build pkg-config gcc g++ libc6-dev libsimdjson-dev libjpeg-dev libpng-dev \
        libxxhash-dev liblmdb-dev zlib1g-dev libyaml-dev libunistring-dev libdeflate-dev \
        libwebp-dev libtiff-dev nettle-dev libzstd-dev liblzma-dev libbz2-dev libisal-dev
COPY . /src
RUN cd /src \
    && cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
        -DCMAKE_INSTALL_PREFIX=/usr \
    && cmake --build /build \
    && DESTDIR=/install cmake --install /build --strip

FROM debian:12-slim
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        libsimdjson14 libjpeg62-turbo libpng16-16 libxxhash0 liblmdb0 zlib1g libyaml-0-2 \
        libunistring2 libdeflate0 libwebp7 libwebpdemux2 libtiff6 libnettle8 \
        libzstd1 liblzma5 libbz2-1.0 libisal2 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /install/usr /usr
RUN useradd --create-home checker
USER checker
WORKDIR /data
ENTRYPOINT ["llava-check"]
CMD ["--help"]
