# The versions are the ones that build/test runs on; DeploymentTests reads this file.
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
ENV CI=true DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /src

# What the packages depend on comes first: a change of code alone then restores nothing.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY host/Lips.Client/Lips.Client.csproj host/Lips.Client/packages.lock.json host/Lips.Client/
COPY host/Lips.Demo/Lips.Demo.csproj host/Lips.Demo/packages.lock.json host/Lips.Demo/
COPY host/Lips.Host/Lips.Host.csproj host/Lips.Host/packages.lock.json host/Lips.Host/
COPY host/Lips.Host/ReadyToRun.targets host/Lips.Host/
COPY host/Lips.Postgres/Lips.Postgres.csproj host/Lips.Postgres/packages.lock.json host/Lips.Postgres/
COPY modules/Access/Lips.Access.csproj modules/Access/packages.lock.json modules/Access/
COPY modules/Audit/Lips.Audit.csproj modules/Audit/packages.lock.json modules/Audit/
COPY modules/Counters/Lips.Counters.csproj modules/Counters/packages.lock.json modules/Counters/
COPY modules/Interactions/Lips.Interactions.csproj modules/Interactions/packages.lock.json modules/Interactions/
COPY modules/Kernel/Lips.Kernel.csproj modules/Kernel/packages.lock.json modules/Kernel/
RUN dotnet restore host/Lips.Host --locked-mode

COPY .editorconfig ./
COPY modules/ modules/
COPY host/ host/
RUN dotnet publish host/Lips.Host --configuration Release --no-restore --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
WORKDIR /app
# There is no PostgreSQL in this image: ConnectionStrings__Lips must name one. The home then holds the admin token at most.
RUN install -d -m 700 -o "$APP_UID" /var/lib/lips
COPY --from=build /app ./
# The last: as in build/lib.sh.
ENV ASPNETCORE_URLS=http://0.0.0.0:8080 Lips__Home=/var/lib/lips DOTNET_GCgen0size=0x1000000
EXPOSE 8080
USER $APP_UID
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["dotnet", "Lips.Host.dll", "health", "http://127.0.0.1:8080/health/live"]
ENTRYPOINT ["dotnet", "Lips.Host.dll"]
CMD ["serve"]
